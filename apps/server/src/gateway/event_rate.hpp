// What an Engine.IO connection may send (contract, RATE_LIMIT): events, and octets.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/time.hpp"

namespace server::gateway {

// So many a second on average, at once up to `burst`.
class TokenBucket {
 public:
  TokenBucket(double per_second, double burst, Instant now)
      : per_second_(per_second), burst_(burst), tokens_(burst), filled_at_(now) {}
  TokenBucket(double per_second, Instant now) : TokenBucket(per_second, 2 * per_second, now) {}

  bool take(Instant now) {
    fill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  // Takes them whether they are there or not; what is missing is a debt.
  void charge(Instant now, double tokens) {
    fill(now);
    tokens_ -= tokens;
  }
  // When there is no debt any more; not after `now` if there is none.
  Instant paid_at(Instant now) const {
    const double missing = -tokens_ - seconds(now - filled_at_) * per_second_;
    if (missing <= 0) return now;
    return now + std::chrono::duration_cast<Duration>(
                     std::chrono::duration<double>(missing / per_second_));
  }

 private:
  static double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
  }
  void fill(Instant now) {
    tokens_ = std::min(burst_, tokens_ + seconds(now - filled_at_) * per_second_);
    filled_at_ = now;
  }

  double per_second_;
  double burst_;
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
  // A packet that is no event: CONNECT, DISCONNECT, an acknowledgement that nobody asked for.
  bool take_packet(Instant now) { return events_.take(now); }

 private:
  TokenBucket events_;
  TokenBucket chat_;
  TokenBucket ice_;
};

// How often a client may be refused before its connection is closed: 100 times a second, at once
// up to 1000. A client that waits for answers is told to slow down long before.
class RefusalRate {
 public:
  explicit RefusalRate(Instant now) : refusals_(100, 1'000, now) {}
  bool take(Instant now) { return refusals_.take(now); }

 private:
  TokenBucket refusals_;
};

// Octets that a client may send: 128 KiB a second, at once up to 1 MiB. More is read later, not
// refused. Sixteen SDP offers of the largest size that the contract allows fit at once.
class OctetRate {
 public:
  explicit OctetRate(Instant now) : octets_(128 * 1024, 1024 * 1024, now) {}

  // One message or body. Each costs us something, however small it is.
  void charge(Instant now, std::size_t octets) {
    octets_.charge(now, static_cast<double>(std::max(octets, kOctetsMin)));
  }
  Instant paid_at(Instant now) const { return octets_.paid_at(now); }

 private:
  static constexpr std::size_t kOctetsMin = 64;
  TokenBucket octets_;
};

}  // namespace server::gateway
