#include "rtc/cc/bandwidth_estimator.hpp"

#include <cmath>
#include <utility>

namespace rtc {

namespace {

constexpr double kBackOff = 0.85;  // gcc-02 section 5.5: beta
// The more is queued, the deeper: what waits is to be gone a second later.
constexpr double kBackOffMost = 0.5;
constexpr double kAckedMost = 1.5;  // section 5.5: the rate is at most this times what arrives
constexpr DataRate kAckedMore = DataRate::kbps(10);
// Where no limit is known, so much a second, as nothing else probes for one.
constexpr double kFreeGrowth = 2.2;
constexpr double kRembGrowth = 2;
// Towards a limit that is known, and beyond it, the rate follows a cubic curve of the time since
// the cut (as CUBIC does, RFC 9438 section 4.2): quickly back, flat around the limit, then ever
// faster. It gains as much a second at any rate, so flows on one link become equal. At this time
// it is at a limit of 1 Mbit/s.
constexpr double kReturnSeconds = 1.35;
constexpr DataRate kReturnRate = DataRate::kbps(1000);
constexpr double kReturnLeast = 0.5;  // times kReturnSeconds, at slow rates
constexpr double kReturnMost = 3;
// Section 4.7: a limit that falls leaves room for those who come later.
constexpr double kFastConvergence = 0.95;
constexpr double kBeyondLimit = 1.1;  // what arrives at this times the limit proves it obsolete
constexpr double kAfterSilence = 0.5;
constexpr int kSilentSecondsMax = 20;
// A queue that drains after a cut still looks full; only what arrives tells that it is.
constexpr Duration kDrain = std::chrono::seconds{1};
constexpr double kStillFull = 0.9;
constexpr Duration kCutInterval = std::chrono::milliseconds{200};
// A queue of this length slows growth down, one of three times this ends it, before it is long
// enough for a trend.
constexpr std::chrono::duration<double, std::micro> kQueueToEase = std::chrono::milliseconds{10};
// So long after a cut a queue of ours is shorter by a good part of what was sent less.
constexpr Duration kCutShows = std::chrono::milliseconds{400};
constexpr double kCutShowsPart = 0.3;
constexpr double kLessToJudge = 0.08;
// A queue that stays so long, for such a time, is full without a trend.
constexpr Duration kStandingQueue = std::chrono::milliseconds{40};
constexpr Duration kStandingTime = std::chrono::seconds{1};
constexpr Duration kFlat = std::chrono::milliseconds{10};
constexpr Duration kQueueToJudge = std::chrono::milliseconds{25};
constexpr double kTryLess = 0.6;
constexpr Duration kTryTime = std::chrono::milliseconds{900};
constexpr Duration kTryInterval = std::chrono::seconds{8};
constexpr Duration kStepMax = std::chrono::seconds{1};  // of growth, however long nothing came
constexpr Duration kRttMin = std::chrono::milliseconds{1};
constexpr Duration kRttMax = std::chrono::seconds{2};

double to_seconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }

// Or shorter: the queue does not grow.
bool is_as_long(Duration before, Duration queue) { return queue <= before + kFlat; }

}  // namespace

BandwidthEstimator::BandwidthEstimator(const Options& options)
    : options_(options), rate_(std::clamp(options.start, options.min, options.max)) {}

void BandwidthEstimator::on_sent(Instant now, std::uint16_t transport_sequence,
                                 std::size_t octets) {
  history_.on_sent(now, transport_sequence, octets);
  if (!waiting_since_) waiting_since_ = now;
  // Where feedback came before and stays out, the path may be so full that nothing comes through.
  if (has_feedback_ && now - *waiting_since_ >= kSilence) {
    silent_seconds_ = std::min(silent_seconds_ + 1, kSilentSecondsMax);
    waiting_since_ = now;
  }
}

DataRate BandwidthEstimator::estimate() const {
  if (silent_seconds_ == 0) return rate_;
  return std::max(rate_ * std::exp2(-silent_seconds_), options_.min);
}

// After a cut of the path the estimate from before it is the best guess there is. Half of it does
// little harm if the path has changed: over-use is seen within a few hundred milliseconds.
void BandwidthEstimator::resume(Instant now) {
  if (std::exchange(silent_seconds_, 0) == 0) return;
  resumed_at_ = now;
  losses_.forget();
  set_rate(rate_ * kAfterSilence);
  limit_.reset();
  cut_at_.reset();
  unjudged_.reset();
}

void BandwidthEstimator::on_feedback(Instant now, const TransportFeedback& feedback) {
  std::optional<Duration> shortest;
  Instant newest_sent;
  std::optional<Duration>
      waited;  // the packet with the shortest wait: jitter makes the others' longer
  bool is_full = false;
  history_.on_feedback(feedback, [&](const PacketResult& result) {
    // What lies between was reported in a message that got lost: it may have arrived.
    if (reported_ && result.sequence > *reported_ + 1) acked_.interrupt();
    reported_ = std::max(reported_.value_or(result.sequence), result.sequence);
    // What was lost while the path was cut says nothing of what it carries.
    const bool is_of_silence = silent_seconds_ > 0 || (resumed_at_ && result.sent < *resumed_at_);
    if (!is_of_silence) losses_.on_packet(result);
    // A queue that still overflows is not judged.
    if (unjudged_ && !result.arrival && result.sent > unjudged_->at) unjudged_.reset();
    if (!result.arrival) return;
    acked_.on_packet(result.sent, *result.arrival, result.octets);
    trend_.on_packet(result.sent, *result.arrival);
    queue_.on_packet(result.sent, *result.arrival);
    waited = std::min(waited.value_or(queue_.now()), queue_.now());
    newest_sent = std::max(newest_sent, result.sent);
    if (unjudged_ && !unjudged_->waited && result.sent > unjudged_->at) {
      unjudged_->waited = queue_.now();
    }
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

  resume(now);
  judge_cut(newest_sent, *waited);
  const auto bound = losses_.poll();
  if (bound) {
    cut(now, *bound);
  } else if (is_full || stands(now, *waited)) {
    on_over_use(now);
  } else if (losses_.is_unclear() && (!tried_at_ || now - *tried_at_ >= kTryInterval)) {
    try_less(now);
  } else if (trend_.use() == PathUse::Normal && !(tried_at_ && now - *tried_at_ < kTryTime)) {
    grow(now, elapsed, *waited);
  }
}

bool BandwidthEstimator::is_strained(Instant now) const {
  const bool drains = cut_at_ && now - *cut_at_ < kDrain;
  return drains || trend_.use() == PathUse::Over;
}

void BandwidthEstimator::on_over_use(Instant now) {
  const auto arrives = acked_.sustained();
  if (!arrives) return;
  if (cut_at_ && now - *cut_at_ < kCutInterval) return;
  const bool drains = cut_at_ && now - *cut_at_ < kDrain;
  if (drains && *acked_.newest() > rate_ * kStillFull) return;
  // A step of a clock looks like a slow path, once; a queue that needs another cut grows on.
  const bool is_flat =
      unjudged_ && unjudged_->waited && is_as_long(*unjudged_->waited, queue_.now());
  if (drains && is_flat) return;
  losses_.forget();
  cut(now, *arrives);
}

void BandwidthEstimator::cut(Instant now, DataRate carried) {
  limit_ = limit_ && carried < *limit_ ? carried * kFastConvergence : carried;
  cut_at_ = now;
  unjudged_ = {.at = now, .carried = carried, .waited = std::nullopt};
  const double drain = std::clamp(1 - to_seconds(queue_.now()), kBackOffMost, kBackOff);
  set_rate(std::min(rate_, carried * drain));
}

bool BandwidthEstimator::stands(Instant now, Duration waited) {
  if (waited < kStandingQueue) long_since_.reset();
  if (waited >= kStandingQueue && !long_since_) long_since_ = now;
  const Instant begin = std::max(long_since_.value_or(now), cut_at_.value_or(Instant()));
  return now - begin >= kStandingTime;
}

// Where less is sent, all of it arrives, and yet what waits does not get shorter, it was no queue
// of ours: the route is longer, the receiver's clock was set, or others fill the queue again.
void BandwidthEstimator::judge_cut(Instant newest_sent, Duration waited) {
  if (!unjudged_ || !unjudged_->waited || newest_sent - unjudged_->at < kCutShows) return;
  if (*acked_.newest() < rate_ * kStillFull) return;
  const Cut cut = *std::exchange(unjudged_, std::nullopt);
  const double less = 1 - rate_ / cut.carried;
  if (less < kLessToJudge) return;
  const double before = to_seconds(*cut.waited);
  const double drained = before - to_seconds(waited);
  const double expected = std::min(to_seconds(kCutShows) * less, before);
  const bool is_ours = drained > expected * kCutShowsPart || !is_as_long(*cut.waited, waited);
  if (is_ours || waited < kQueueToJudge) return;
  queue_.forget();
  set_rate(std::max(rate_, cut.carried));
}

// At a constant rate nothing tells a policer from a lossy path: for a moment less is sent, to see
// whether less is lost.
void BandwidthEstimator::try_less(Instant now) {
  tried_at_ = now;
  limit_ = rate_;
  cut_at_ = now;
  set_rate(rate_ * kTryLess);
}

void BandwidthEstimator::grow(Instant now, Duration elapsed, Duration waited) {
  const auto arrives = acked_.rate();
  if (!arrives) return;
  if (limit_ && *arrives > *limit_ * kBeyondLimit) limit_.reset();
  const double ease = std::clamp(1.5 - waited / kQueueToEase / 2, 0.0, 1.0);
  DataRate wanted = rate_ * std::pow(kFreeGrowth, to_seconds(elapsed) * trend_.headroom() * ease);
  if (limit_) {
    const double slower = std::clamp(std::cbrt(*limit_ / kReturnRate), kReturnLeast, kReturnMost);
    const double since = to_seconds(now - *cut_at_) / (kReturnSeconds * slower) - 1;
    wanted = std::min(wanted, *limit_ * (1 + (1 - kBackOff) * since * since * since));
  }
  // What the sender does not use tells nothing about what there is.
  const DataRate most = *arrives * kAckedMost + kAckedMore;
  set_rate(std::max(rate_, std::min(wanted, most)));
}

void BandwidthEstimator::on_remb(Instant now, DataRate limit) {
  if (has_feedback_) return;
  const Duration elapsed = std::clamp(now - updated_, Duration{0}, kStepMax);
  updated_ = now;
  set_rate(std::min(limit, rate_ * std::pow(kRembGrowth, to_seconds(elapsed))));
}

}  // namespace rtc
