#include "rtc/cc/bandwidth_estimator.hpp"

#include <cmath>

namespace rtc {

namespace {

constexpr double kBackOff = 0.85;   // gcc-02 section 5.5: beta
constexpr double kAckedMost = 1.5;  // section 5.5: the rate is at most this times what arrives
constexpr DataRate kAckedMore = DataRate::kbps(10);
// Near a limit that is known, section 5.5's eta, a second; where none is, doubling, as nothing
// else probes for one.
constexpr double kCarefulGrowth = 1.08;
constexpr double kFreeGrowth = 2;
constexpr double kBeyondLimit = 1.1;  // what arrives at this times the limit proves it obsolete
// Section 6.
constexpr double kLossToCut = 0.10;
constexpr double kLossToHold = 0.02;
// A queue that drains after a cut still looks full; only what arrives tells that it is.
constexpr Duration kDrain = std::chrono::seconds{1};
constexpr double kStillFull = 0.9;
constexpr Duration kCutInterval = std::chrono::milliseconds{200};
constexpr Duration kStepMax = std::chrono::seconds{1};  // of growth, however long nothing came
constexpr Duration kRttMin = std::chrono::milliseconds{1};
constexpr Duration kRttMax = std::chrono::seconds{2};

double to_seconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

}  // namespace

BandwidthEstimator::BandwidthEstimator(const Options& options)
    : options_(options), rate_(std::clamp(options.start, options.min, options.max)) {}

void BandwidthEstimator::on_sent(Instant now, std::uint16_t transport_sequence,
                                 std::size_t octets) {
  history_.on_sent(now, transport_sequence, octets);
  if (!waiting_since_) waiting_since_ = now;
  // Where feedback came before and stays out, the path may be so full that nothing comes through.
  if (has_feedback_ && now - *waiting_since_ >= kSilence) {
    set_rate(rate_ * 0.5);
    waiting_since_ = now;
  }
}

void BandwidthEstimator::on_feedback(Instant now, const TransportFeedback& feedback) {
  std::optional<Duration> shortest;
  bool is_full = false;
  history_.on_feedback(feedback, [&](const PacketResult& result) {
    losses_.on_packet(result);
    if (!result.arrival) return;
    acked_.on_packet(result.sent, *result.arrival, result.octets);
    trend_.on_packet(result.sent, *result.arrival);
    is_full |= trend_.use() == PathUse::Over;
    const Duration since_sent = now - result.sent;
    shortest = std::min(shortest.value_or(since_sent), since_sent);
  });
  if (!shortest) return;
  rtt_ += (std::clamp(*shortest, kRttMin, kRttMax) - rtt_) / 8;
  const Duration elapsed = has_feedback_ ? std::min(now - updated_, kStepMax) : Duration{0};
  updated_ = now;
  has_feedback_ = true;
  waiting_since_.reset();

  const std::optional<double> loss = losses_.poll(now);
  if (loss) on_loss(*loss);
  if (is_full) {
    on_over_use(now);
  } else if (trend_.use() == PathUse::Normal && !holds_for_loss_) {
    grow(elapsed);
  }
}

bool BandwidthEstimator::is_strained(Instant now) const {
  const bool drains = cut_at_ && now - *cut_at_ < kDrain;
  return holds_for_loss_ || drains || trend_.use() == PathUse::Over;
}

void BandwidthEstimator::on_over_use(Instant now) {
  const auto arrives = acked_.rate();
  if (!arrives) return;
  if (cut_at_ && now - *cut_at_ < kCutInterval) return;
  const bool drains = cut_at_ && now - *cut_at_ < kDrain;
  if (drains && *acked_.newest() > rate_ * kStillFull) return;
  limit_ = *arrives;
  cut_at_ = now;
  set_rate(std::min(rate_, *arrives * kBackOff));
}

void BandwidthEstimator::on_loss(double loss) {
  holds_for_loss_ = loss >= kLossToHold;
  if (loss <= kLossToCut) return;
  limit_ = acked_.rate();
  set_rate(rate_ * (1 - loss / 2));
}

void BandwidthEstimator::grow(Duration elapsed) {
  const auto arrives = acked_.rate();
  if (!arrives) return;
  if (limit_ && *arrives > *limit_ * kBeyondLimit) limit_.reset();
  const double factor = std::pow(limit_ ? kCarefulGrowth : kFreeGrowth, to_seconds(elapsed));
  // What the sender does not use tells nothing about what there is.
  const DataRate most = *arrives * kAckedMost + kAckedMore;
  set_rate(std::max(rate_, std::min(rate_ * factor, most)));
}

void BandwidthEstimator::on_remb(Instant now, DataRate limit) {
  if (has_feedback_) return;
  const Duration elapsed = std::clamp(now - updated_, Duration{0}, kStepMax);
  updated_ = now;
  set_rate(std::min(limit, rate_ * std::pow(kFreeGrowth, to_seconds(elapsed))));
}

}  // namespace rtc
