// How much of a stream comes a second.
#pragma once

#include <array>
#include <cstdint>

#include "base/data_rate.hpp"
#include "base/time.hpp"

namespace rtc {

// Over the last second, in steps of a tenth.
class RateMeter {
 public:
  void on_packet(Instant now, std::size_t octets) {
    advance(now);
    octets_[index(newest_)] += octets;
  }
  // Zero a second after the last packet.
  DataRate rate(Instant now) {
    advance(now);
    std::uint64_t sum = 0;
    for (const std::uint64_t octets : octets_) sum += octets;
    return DataRate::of(static_cast<std::int64_t>(sum), kStep * kSteps);
  }

 private:
  static constexpr Duration kStep = std::chrono::milliseconds{100};
  static constexpr std::int64_t kSteps = 10;

  static std::size_t index(std::int64_t step) { return static_cast<std::size_t>(step % kSteps); }
  void advance(Instant now) {
    if (now < next_step_) return;
    const std::int64_t step = now.since_zero() / kStep;
    if (step >= newest_ + kSteps) {
      octets_.fill(0);
    } else {
      for (std::int64_t at = newest_ + 1; at <= step; ++at) octets_[index(at)] = 0;
    }
    newest_ = step;
    next_step_ = Instant::at((step + 1) * kStep);
  }

  std::array<std::uint64_t, kSteps> octets_{};
  std::int64_t newest_ = 0;
  Instant next_step_;  // when the newest one is over
};

}  // namespace rtc
