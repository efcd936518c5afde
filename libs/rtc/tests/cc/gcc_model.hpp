// What libwebrtc's sender does, in short (draft-ietf-rmcat-gcc-02), as a competitor: its rules for
// the rate are here; the trend of the delay and the rate that arrives are taken from ours, which
// have its constants.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "rtc/cc/acked_rate.hpp"
#include "rtc/cc/delay_trend.hpp"
#include "rtc/cc/send_history.hpp"
#include "tests/cc/media_flow.hpp"

namespace rtc::testing {

class GccModel {
 public:
  void on_sent(Instant now, std::uint16_t number, std::size_t octets) {
    history_.on_sent(now, number, octets);
  }
  DataRate estimate() const { return std::min(delay_rate_, loss_rate_); }

  void on_feedback(Instant now, const TransportFeedback& feedback) {
    bool is_over = false;
    history_.on_feedback(feedback, [&](const PacketResult& result) {
      ++(result.arrival ? arrived_ : lost_);
      if (!result.arrival) return;
      acked_.on_packet(result.sent, *result.arrival, result.octets);
      trend_.on_packet(result.sent, *result.arrival);
      rtt_ = now - result.sent;
      is_over |= trend_.use() == PathUse::Over;
    });
    const auto arrives = acked_.rate();
    const double elapsed = std::min(seconds(now - updated_), 1.0);
    updated_ = now;
    if (arrives) follow_delay(now, is_over, elapsed, *arrives);
    if (now - judged_ >= 1s) follow_loss(now);
  }

 private:
  static constexpr DataRate kMin = DataRate::kbps(30);

  static double seconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

  void follow_delay(Instant now, bool is_over, double elapsed, DataRate arrives) {
    if (is_over) {
      if (now - cut_at_ < rtt_ + 100ms) return;
      cut_at_ = now;
      // The limit is where it was cut: near it the increase is additive.
      limit_ = limit_ && std::abs(arrives / *limit_ - 1) < 0.3 ? *limit_ * 0.95 + arrives * 0.05
                                                               : arrives;
      delay_rate_ = std::max(std::min(delay_rate_, arrives * 0.85), kMin);
      return;
    }
    if (trend_.use() == PathUse::Under) return;
    if (limit_ && arrives > *limit_ * 1.3) limit_.reset();
    DataRate wanted = delay_rate_ * std::pow(1.08, elapsed);
    if (limit_) {
      const Duration response = rtt_ + 100ms;
      const double bits = std::max(4000.0, 1200 * 8 / seconds(response));
      wanted = delay_rate_ + DataRate::bps(static_cast<std::int64_t>(bits * elapsed));
    }
    const DataRate most = arrives * 1.5 + DataRate::kbps(10);
    delay_rate_ = std::max(delay_rate_, std::min(wanted, most));
  }

  void follow_loss(Instant now) {
    judged_ = now;
    const double loss = lost_ + arrived_ == 0 ? 0 : static_cast<double>(lost_) / (lost_ + arrived_);
    lost_ = arrived_ = 0;
    if (loss > 0.1) loss_rate_ = std::max(estimate() * (1 - loss / 2), kMin);
    if (loss < 0.02) loss_rate_ = std::max(loss_rate_, estimate() * 1.05);
  }

  SendHistory history_;
  AckedRate acked_;
  DelayTrend trend_;
  DataRate delay_rate_ = DataRate::kbps(300);
  DataRate loss_rate_ = DataRate::kbps(100'000);
  std::optional<DataRate> limit_;
  Duration rtt_ = 100ms;
  Instant updated_;
  Instant cut_at_;
  Instant judged_;
  int lost_ = 0;
  int arrived_ = 0;
};

using GccFlow = FeedbackFlow<GccModel>;

}  // namespace rtc::testing
