// How much may pass: so much a second, and a burst of it at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace rtc {

// A token bucket, kept as the moment at which it will be full again: one comparison and one
// addition for each packet, and no timer.
template <std::int64_t kPerSecond, std::int64_t kBurst>
class RateBudget {
 public:
  // Whether `amount` fits, without taking it.
  bool has(Instant now, std::int64_t amount) const {
    return full_after(now) + cost_of(amount) <= kBurstCost;
  }
  // False, and nothing is taken, when it does not fit.
  bool take(Instant now, std::int64_t amount) {
    if (!has(now, amount)) return false;
    full_at_ = nanoseconds(now) + full_after(now) + cost_of(amount);
    return true;
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000;  // nanoseconds
  static constexpr std::int64_t cost_of(std::int64_t amount) {
    return amount * kSecond / kPerSecond;
  }
  static constexpr std::int64_t nanoseconds(Instant now) { return now.since_zero().count() * 1000; }
  std::int64_t full_after(Instant now) const {
    return std::max<std::int64_t>(full_at_ - nanoseconds(now), 0);
  }
  static constexpr std::int64_t kBurstCost = cost_of(kBurst);

  std::int64_t full_at_ = 0;  // nanoseconds on the line of Instant
};

}  // namespace rtc
