// Time without a clock: the engine is told what time it is.
#pragma once

#include <chrono>
#include <compare>

using Duration = std::chrono::microseconds;

// A moment on one monotonic line whose zero is the start of the process or of
// the simulation. Instants of different lines must never meet.
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant at(Duration since_zero) { return Instant(since_zero); }
  static constexpr Instant never() { return Instant(Duration::max()); }

  constexpr Duration since_zero() const { return since_zero_; }
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Duration d) {
    return t == never() ? t : Instant(t.since_zero_ + d);  // never stays never
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return a.since_zero_ - b.since_zero_;
  }

 private:
  constexpr explicit Instant(Duration d) : since_zero_(d) {}
  Duration since_zero_{0};
};
