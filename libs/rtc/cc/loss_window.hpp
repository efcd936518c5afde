// How much of what was sent gets lost, and what that asks for
// (draft-ietf-rmcat-gcc-02 section 6).
#pragma once

#include <optional>

#include "base/time.hpp"
#include "rtc/cc/send_history.hpp"

namespace rtc {

// Feeds on transport feedback alone: the loss of receiver reports holds the publisher's own, and
// would bring down every receiver's estimate at once.
class LossWindow {
 public:
  static constexpr Duration kTime = std::chrono::milliseconds{500};
  static constexpr int kPacketsMin = 20;  // fewer say nothing of a percentage

  void on_packet(const PacketResult& result);
  // The part that was lost, 0 to 1, of each window that is full at `now`; it then begins anew.
  std::optional<double> poll(Instant now);

 private:
  std::optional<Instant> begun_;
  int packets_ = 0;
  int lost_ = 0;
};

}  // namespace rtc
