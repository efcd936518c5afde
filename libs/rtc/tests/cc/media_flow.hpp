// A flow of ours: the estimator with a sender that follows it, and the real recorder at the other
// end, whose clock may be wrong.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "rtc/cc/bandwidth_estimator.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/stream/transport_feedback_recorder.hpp"
#include "tests/cc/shared_path.hpp"

namespace rtc::testing {

// What an estimator learns from: feedback in the real format. `Estimator` has on_sent(),
// on_feedback() and estimate().
template <class Estimator>
class FeedbackFlow : public Flow {
 public:
  static constexpr std::size_t kOctets = 1000;     // of a packet
  static constexpr std::size_t kLowerLayers = 60;  // octets around a report

  struct Clock {
    Duration zero{0};         // what the receiver's clock shows at our zero
    double drift = 0;         // it gains so many seconds each second
    std::uint16_t first = 1;  // transport-wide number
  };

  explicit FeedbackFlow(Instant start = {}) : FeedbackFlow(start, Clock{}) {}
  FeedbackFlow(Instant start, const Clock& clock)
      : clock_(clock), next_send_(start), number_(clock.first) {}

  void set_demand(DataRate demand) { demand_ = demand; }
  // A paused sender still has a packet now and then, as its sound has.
  void pause() { demand_ = DataRate::kbps(20); }
  void resume(Instant now) {
    demand_ = kMuch;
    next_send_ = now;
  }
  void stop() { next_send_ = Instant::never(); }
  // The receiver's clock is set forward, or back.
  void jump(std::int32_t ticks) { jump_ += ticks; }

  DataRate target() const override { return estimator_.estimate(); }
  const Estimator& estimator() const { return estimator_; }

  Instant next_timeout() const override { return std::min(next_send_, report_due_); }

  void tick(Instant now, Outbox& out) override {
    if (next_send_ <= now) {
      estimator_.on_sent(now, static_cast<std::uint16_t>(number_), kOctets);
      out.push_back({.number = number_++, .octets = kOctets});
      next_send_ = now + std::min(estimator_.estimate(), demand_).time_of(kOctets);
    }
    if (report_due_ <= now) report(now, out);
  }

  void on_packet(Instant now, const Datagram& packet) override {
    recorder_.on_packet(shown(now), static_cast<std::uint16_t>(packet.number), 1);
    schedule(now);
  }

  void on_report(Instant now, const Datagram& datagram) override {
    RtcpReader reader(datagram.report);
    auto feedback = TransportFeedback::parse(*reader.next());
    ASSERT_TRUE(feedback);
    // 24 bits with a sign, as on the wire.
    const auto wrapped = static_cast<std::uint32_t>(feedback->reference_time + jump_) << 8U;
    feedback->reference_time = static_cast<std::int32_t>(wrapped) >> 8;
    estimator_.on_feedback(now, *feedback);
  }

 private:
  static constexpr DataRate kMuch = DataRate::kbps(100'000);

  Instant shown(Instant now) const {
    const auto since = static_cast<double>(now.since_zero().count());
    const Duration gained{static_cast<std::int64_t>(std::floor(since * clock_.drift))};
    return now + clock_.zero + gained;
  }

  void schedule(Instant now) {
    const Instant due = recorder_.next_timeout();
    if (due == Instant::never()) {
      report_due_ = due;
      return;
    }
    // A clock that goes slow needs a moment more.
    report_due_ = now + std::max(due - shown(now), Duration{0});
    if (clock_.drift < 0) report_due_ = report_due_ + 1ms;
  }

  void report(Instant now, Outbox& out) {
    std::array<std::uint8_t, TransportFeedbackBuilder::kSizeMax> buffer;
    for (;;) {
      const Bytes report = recorder_.poll_feedback(shown(now), buffer);
      if (report.empty()) break;
      out.push_back({.is_report = true,
                     .octets = report.size() + kLowerLayers,
                     .report = {report.begin(), report.end()}});
    }
    schedule(now);
  }

  Clock clock_;
  Estimator estimator_;
  TransportFeedbackRecorder recorder_{{}};
  Instant next_send_;
  Instant report_due_ = Instant::never();
  std::int64_t number_;
  DataRate demand_ = kMuch;
  std::int32_t jump_ = 0;  // in ticks of the reference time
};

using MediaFlow = FeedbackFlow<BandwidthEstimator>;

}  // namespace rtc::testing
