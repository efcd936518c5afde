// Tells from arrival times whether the queue before a bottleneck grows
// (draft-ietf-rmcat-gcc-02 sections 5.2 to 5.4, with a regression line in the filter's place).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace rtc {

enum class PathUse : std::uint8_t {
  Normal,
  Under,  // the queue drains
  Over,   // the queue grows
};

class DelayTrend {
 public:
  // Of a packet that arrived, in the order of sending.
  void on_packet(Instant sent, Duration arrival);
  PathUse use() const { return use_; }
  // How far the trend is from over-use: 1 while the queue does not grow, 0 at the threshold.
  double headroom() const;

 private:
  static constexpr std::size_t kWindow = 20;  // groups

  // Packets that were sent in one burst count as one: the queue that they make is their own.
  struct Group {
    Instant first_sent;
    Instant last_sent;
    Duration first_arrival{0};
    Duration last_arrival{0};
  };

  struct Point {
    double arrival_ms = 0;
    double delay_ms = 0;  // smoothed
  };

  bool belongs(Instant sent, Duration arrival) const;
  void finish_group();
  std::optional<double> slope() const;
  void judge(double trend, double send_delta_ms);
  void adapt_threshold(double trend, double elapsed_ms);
  void reset();

  std::optional<Group> current_;
  std::optional<Group> previous_;
  std::array<Point, kWindow> points_{};
  std::size_t count_ = 0;  // deltas since the last reset
  double elapsed_ms_ = 0;  // of arrivals since then
  double delay_ms_ = 0;    // accumulated
  double smoothed_ms_ = 0;
  double threshold_ms_ = kThresholdStart;
  double last_trend_ = 0;
  double lifted_ = 0;   // the trend on the scale of the threshold
  double over_ms_ = 0;  // for how long it has been over the threshold
  unsigned over_count_ = 0;
  PathUse use_ = PathUse::Normal;

  static constexpr double kThresholdStart = 12.5;
};

}  // namespace rtc
