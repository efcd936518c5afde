// How many events a connection may send a second (contract, RATE_LIMIT).
#pragma once

#include <algorithm>
#include <string_view>

#include "base/time.hpp"

namespace server::gateway {

// So many a second on average, at once up to twice that.
class TokenBucket {
 public:
  TokenBucket(double per_second, Instant now)
      : per_second_(per_second), tokens_(2 * per_second), filled_at_(now) {}

  bool take(Instant now) {
    const double passed_s = std::chrono::duration<double>(now - filled_at_).count();
    filled_at_ = now;
    tokens_ = std::min(2 * per_second_, tokens_ + passed_s * per_second_);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double tokens_;
  Instant filled_at_;
};

// 50 events a second, 20 chat messages among them; 200 ICE candidates beside them, since a call
// to many peers starts with a burst of those.
class EventRate {
 public:
  explicit EventRate(Instant now) : events_(50, now), chat_(20, now), ice_(200, now) {}

  bool take(Instant now, std::string_view event) {
    if (event == "webrtc:ice") return ice_.take(now);
    if (event == "chat:send" && !chat_.take(now)) return false;
    return events_.take(now);
  }

 private:
  TokenBucket events_;
  TokenBucket chat_;
  TokenBucket ice_;
};

}  // namespace server::gateway
