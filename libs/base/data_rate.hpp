// How fast data flows.
#pragma once

#include <compare>
#include <cstdint>

#include "base/time.hpp"

// Bits a second; never negative.
class DataRate {
 public:
  constexpr DataRate() = default;
  static constexpr DataRate bps(std::int64_t bits) { return DataRate(bits < 0 ? 0 : bits); }
  static constexpr DataRate kbps(std::int64_t kilobits) { return bps(kilobits * 1000); }
  // What `octets` in `time` make; zero for no time.
  static constexpr DataRate of(std::int64_t octets, Duration time) {
    return time.count() <= 0 ? DataRate() : bps(octets * 8 * 1'000'000 / time.count());
  }

  constexpr std::int64_t bps() const { return bps_; }

  // How long `octets` take at this rate; a thousand years at none.
  constexpr Duration time_of(std::int64_t octets) const {
    constexpr Duration kEndless = std::chrono::hours{24 * 365'000};
    return bps_ == 0 ? kEndless : Duration{octets * 8 * 1'000'000 / bps_};
  }

  friend constexpr auto operator<=>(DataRate, DataRate) = default;
  friend constexpr DataRate operator+(DataRate a, DataRate b) { return bps(a.bps_ + b.bps_); }
  // Saturates: the factor may come of a measurement.
  friend constexpr DataRate operator*(DataRate rate, double factor) {
    constexpr double kMost = 1e18;
    const double product = static_cast<double>(rate.bps_) * factor;
    return bps(static_cast<std::int64_t>(product < kMost ? product : kMost));
  }
  friend constexpr double operator/(DataRate a, DataRate b) {
    return static_cast<double>(a.bps_) / static_cast<double>(b.bps_);
  }

 private:
  constexpr explicit DataRate(std::int64_t bits) : bps_(bits) {}
  std::int64_t bps_ = 0;
};
