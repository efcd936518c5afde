// How long packets wait in the queues of a path.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.hpp"

namespace rtc {

// What a packet took longer than the fastest one of the last ten to twenty seconds. The two clocks
// need not agree; in so short a time their drift is far below a millisecond.
class QueueDelay {
 public:
  static constexpr Duration kMemory = std::chrono::seconds{10};

  // Of a packet that arrived, in the order of sending.
  void on_packet(Instant sent, Duration arrival) {
    const Duration took = arrival - (sent - Instant());
    if (!begun_ || sent - *begun_ >= kMemory) {
      before_ = begun_ ? fastest_ : took;
      fastest_ = took;
      begun_ = sent;
    }
    fastest_ = std::min(fastest_, took);
    now_ = took - std::min(fastest_, before_);
  }

  // Of the newest packet.
  Duration now() const { return now_; }
  // The route has changed: other packets are the fastest.
  void forget() { begun_.reset(); }

 private:
  std::optional<Instant> begun_;
  Duration fastest_{0};  // since begun_
  Duration before_{0};   // in the span before that
  Duration now_{0};
};

}  // namespace rtc
