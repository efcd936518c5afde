#include "rtc/cc/delay_trend.hpp"

#include <algorithm>
#include <cmath>

namespace rtc {

namespace {

constexpr Duration kBurst = std::chrono::milliseconds{5};  // section 5.2: burst_time
constexpr Duration kBurstMax = std::chrono::milliseconds{100};
// A step of this size is a clock's or a route's, not a queue's.
constexpr Duration kStepMax = std::chrono::seconds{3};
constexpr double kSmoothing = 0.9;
// The slope is tiny: a queue that grows by 2 % of the time has 0.02. These lift it to the scale of
// the threshold, less so while there are few points. Found by simulation.
constexpr double kGain = 4;
constexpr double kDeltasMax = 60;
// Section 5.4: the threshold follows the trend, faster up than down, so that it is neither deaf nor
// starved by flows that push harder.
constexpr double kUp = 0.0087;
constexpr double kDown = 0.039;
constexpr double kThresholdMin = 6;
constexpr double kThresholdMax = 600;
constexpr double kOutlier = 15;      // beyond the threshold by more: not followed
constexpr double kOverTime = 10;     // ms over the threshold before it counts
constexpr double kElapsedMax = 100;  // ms

double to_ms(Duration time) { return static_cast<double>(time.count()) / 1000; }

}  // namespace

void DelayTrend::reset() {
  previous_.reset();
  count_ = 0;
  elapsed_ms_ = delay_ms_ = smoothed_ms_ = 0;
  last_trend_ = lifted_ = over_ms_ = 0;
  over_count_ = 0;
  use_ = PathUse::Normal;
}

double DelayTrend::headroom() const { return std::clamp(1 - lifted_ / threshold_ms_, 0.0, 1.0); }

bool DelayTrend::belongs(Instant sent, Duration arrival) const {
  if (sent - current_->first_sent <= kBurst) return true;
  const Duration arrival_step = arrival - current_->last_arrival;
  const bool caught_up = arrival_step < sent - current_->last_sent && arrival_step <= kBurst;
  return caught_up && arrival - current_->first_arrival < kBurstMax &&
         sent - current_->first_sent < kBurstMax;
}

void DelayTrend::on_packet(Instant sent, Duration arrival) {
  if (!current_) {
    current_ = Group{sent, sent, arrival, arrival};
    return;
  }
  if (sent < current_->first_sent) return;  // of an earlier group: too late to matter
  if (belongs(sent, arrival)) {
    current_->last_sent = std::max(current_->last_sent, sent);
    current_->last_arrival = std::max(current_->last_arrival, arrival);
    return;
  }
  finish_group();
  current_ = Group{sent, sent, arrival, arrival};
}

void DelayTrend::finish_group() {
  if (!previous_) {
    previous_ = current_;
    return;
  }
  const Duration send_delta = current_->last_sent - previous_->last_sent;
  const Duration arrival_delta = current_->last_arrival - previous_->last_arrival;
  const Duration step = arrival_delta - send_delta;
  if (step > kStepMax || step < -kStepMax) return reset();
  if (arrival_delta < Duration{0}) return;  // reordered on the way
  previous_ = current_;

  ++count_;
  elapsed_ms_ += to_ms(arrival_delta);
  delay_ms_ += to_ms(step);
  smoothed_ms_ = kSmoothing * smoothed_ms_ + (1 - kSmoothing) * delay_ms_;
  points_[count_ % kWindow] = {.arrival_ms = elapsed_ms_, .delay_ms = smoothed_ms_};
  const double trend = count_ < kWindow ? 0 : slope().value_or(last_trend_);
  judge(trend, to_ms(send_delta));
}

// Of the line through the points with the least squares; nullopt when all arrived at once.
std::optional<double> DelayTrend::slope() const {
  double mean_arrival = 0;
  double mean_delay = 0;
  for (const Point& point : points_) {
    mean_arrival += point.arrival_ms / kWindow;
    mean_delay += point.delay_ms / kWindow;
  }
  double numerator = 0;
  double denominator = 0;
  for (const Point& point : points_) {
    const double distance = point.arrival_ms - mean_arrival;
    numerator += distance * (point.delay_ms - mean_delay);
    denominator += distance * distance;
  }
  if (denominator <= 0) return std::nullopt;
  return numerator / denominator;
}

void DelayTrend::judge(double trend, double send_delta_ms) {
  lifted_ = std::min(static_cast<double>(count_), kDeltasMax) * trend * kGain;
  if (lifted_ > threshold_ms_) {
    // A group that brought it over may have been over for half of its time only.
    over_ms_ += over_count_ == 0 ? send_delta_ms / 2 : send_delta_ms;
    ++over_count_;
    const bool lasts = over_ms_ > kOverTime && over_count_ > 1;
    if (lasts && trend >= last_trend_) {
      over_ms_ = 0;
      over_count_ = 0;
      use_ = PathUse::Over;
    }
  } else {
    over_ms_ = 0;
    over_count_ = 0;
    use_ = lifted_ < -threshold_ms_ ? PathUse::Under : PathUse::Normal;
  }
  last_trend_ = trend;
  adapt_threshold(lifted_, send_delta_ms);
}

void DelayTrend::adapt_threshold(double trend, double elapsed_ms) {
  const double distance = std::abs(trend) - threshold_ms_;
  if (distance > kOutlier) return;
  const double gain = distance < 0 ? kDown : kUp;
  threshold_ms_ += gain * distance * std::clamp(elapsed_ms, 0.0, kElapsedMax);
  threshold_ms_ = std::clamp(threshold_ms_, kThresholdMin, kThresholdMax);
}

}  // namespace rtc
