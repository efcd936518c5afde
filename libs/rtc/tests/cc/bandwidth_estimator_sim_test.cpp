// The estimator against simulated paths, with the real recorder at their other end.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "netsim/link.hpp"
#include "netsim/world.hpp"
#include "rtc/cc/bandwidth_estimator.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/stream/transport_feedback_recorder.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::BandwidthEstimator;
using rtc::TransportFeedbackRecorder;

constexpr std::int64_t kOctets = 1000;  // of a packet

struct PathOptions {
  DataRate capacity = DataRate::kbps(1000);
  Duration delay = 30ms;  // one way
  Duration jitter{0};
  Duration queue = 200ms;
  double loss = 0;
};

// A sender that uses all it is told it may, up to what it has to send; a path; a receiver.
class Call {
 public:
  Call(std::uint64_t seed, const PathOptions& path)
      : world_(seed), path_(path), media_(link_of(path)), feedback_({.delay = path.delay}) {}

  void set_path(const PathOptions& path) {
    path_ = path;
    media_.set_options(link_of(path));
  }
  void set_demand(DataRate demand) { demand_ = demand; }
  Instant now() const { return world_.now(); }
  DataRate estimate() const { return estimator_.estimate(); }
  std::uint64_t dropped() const { return media_.dropped(); }

  void run_until(Instant end) {
    while (world_.advance(end, {next_send_, media_.next_timeout(), recorder_.next_timeout(),
                                feedback_.next_timeout()}))
      step();
  }

  // The mean of the estimate from now until `end`, in parts of the capacity.
  double mean_until(Instant end) {
    double sum = 0;
    int samples = 0;
    while (now() < end) {
      run_until(now() + 50ms);
      sum += estimate() / path_.capacity;
      ++samples;
    }
    return sum / samples;
  }

 private:
  sim::LinkOptions link_of(const PathOptions& path) {
    return {.delay = path.delay,
            .jitter = path.jitter,
            .keeps_order = true,
            .loss = path.loss,
            .rate_bps = static_cast<std::uint64_t>(path.capacity.bps()),
            .queue_max = path.queue,
            .seed = world_.fork_seed()};
  }

  void step() {
    if (next_send_ <= now()) {
      media_.send(now(), sequence_, kOctets);
      estimator_.on_sent(now(), sequence_++, kOctets);
      next_send_ = now() + std::min(estimate(), demand_).time_of(kOctets);
    }
    while (const auto sequence = media_.poll(now())) recorder_.on_packet(now(), *sequence, 1);
    std::array<std::uint8_t, rtc::TransportFeedbackBuilder::kSizeMax> buffer;
    for (;;) {
      const Bytes report = recorder_.poll_feedback(now(), buffer);
      if (report.empty()) break;
      feedback_.send(now(), std::vector(report.begin(), report.end()));
    }
    while (const auto report = feedback_.poll(now())) {
      rtc::RtcpReader reader(*report);
      const auto feedback = rtc::TransportFeedback::parse(*reader.next());
      ASSERT_TRUE(feedback);
      estimator_.on_feedback(now(), *feedback);
    }
  }

  sim::World world_;
  PathOptions path_;
  sim::Link<std::uint16_t> media_;
  sim::Link<std::vector<std::uint8_t>> feedback_;
  TransportFeedbackRecorder recorder_{{}};
  BandwidthEstimator estimator_;
  std::uint16_t sequence_ = 65'000;
  Instant next_send_;
  DataRate demand_ = DataRate::kbps(100'000);
};

// Goal: from 300 kbit/s the estimate finds what a path carries within ten seconds, and stays there.
// Method: paths from 300 kbit/s to 5 Mbit/s, short and long, steady and with jitter.
TEST(BandwidthEstimatorSim, ConvergesWithinTenSeconds) {
  std::uint64_t seed = 1;
  for (const std::int64_t kbps : {300, 500, 1000, 2000, 3000, 5000}) {
    for (const Duration delay : {10ms, 50ms, 100ms}) {
      for (const Duration jitter : {0ms, 5ms}) {
        SCOPED_TRACE(testing::Message()
                     << kbps << " kbit/s, delay " << delay.count() << " us, jitter "
                     << jitter.count() << " us, seed " << seed);
        Call call(seed++, {.capacity = DataRate::kbps(kbps), .delay = delay, .jitter = jitter});
        call.run_until(Instant::at(9s));
        const double at_ten = call.mean_until(Instant::at(11s));
        EXPECT_GT(at_ten, 0.7);
        EXPECT_LT(at_ten, 1.1);
        const double after = call.mean_until(Instant::at(25s));
        EXPECT_GT(after, 0.7);
        EXPECT_LT(after, 1.1);
      }
    }
  }
}

// Goal: where the path narrows, the estimate is below what it carries within three seconds, and
// where it widens again the estimate follows. Method: to a third, and back.
TEST(BandwidthEstimatorSim, FollowsAPathThatNarrowsAndWidens) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const PathOptions wide{.capacity = DataRate::kbps(2400), .jitter = 2ms};
    const PathOptions narrow{.capacity = DataRate::kbps(800), .jitter = 2ms};
    Call call(seed, wide);
    call.run_until(Instant::at(15s));
    call.set_path(narrow);
    call.run_until(Instant::at(17'500ms));
    const double narrowed = call.mean_until(Instant::at(18'500ms));
    EXPECT_GT(narrowed, 0.7);
    EXPECT_LT(narrowed, 1.1);
    call.run_until(Instant::at(30s));
    call.set_path(wide);
    call.run_until(Instant::at(38s));
    EXPECT_GT(call.mean_until(Instant::at(40s)), 0.7);
  }
}

// Goal: two in a hundred lost at random starve nobody.
TEST(BandwidthEstimatorSim, RandomLossOfTwoPercentDoesNotStarve) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Call call(seed, {.capacity = DataRate::kbps(2000), .jitter = 2ms, .loss = 0.02});
    call.run_until(Instant::at(20s));
    EXPECT_GT(call.mean_until(Instant::at(40s)), 0.75);
  }
}

// Goal: a queue too short for delay to tell anything is seen by what it drops.
TEST(BandwidthEstimatorSim, AShortQueueIsSeenByItsLosses) {
  Call call(1, {.capacity = DataRate::kbps(1000), .queue = 12ms});
  call.run_until(Instant::at(10s));
  const double mean = call.mean_until(Instant::at(40s));
  EXPECT_GT(mean, 0.7);
  EXPECT_LT(mean, 1.1);
}

// Goal: a sender with little to send gains no estimate that it never proved, and loses none.
TEST(BandwidthEstimatorSim, WhatIsNotUsedIsNotBelieved) {
  Call call(1, {.capacity = DataRate::kbps(5000)});
  call.set_demand(DataRate::kbps(400));
  call.run_until(Instant::at(20s));
  EXPECT_NEAR(call.estimate() / DataRate::kbps(400), 1.5, 0.1);
  call.set_demand(DataRate::kbps(100'000));
  call.run_until(Instant::at(25s));
  EXPECT_GT(call.estimate(), DataRate::kbps(3000));
}

}  // namespace
