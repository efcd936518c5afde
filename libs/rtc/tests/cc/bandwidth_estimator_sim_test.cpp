// The estimator against simulated paths, with the real recorder at their other end.
#include <gtest/gtest.h>

#include "tests/cc/simulated_call.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::testing::Call;
using rtc::testing::PathOptions;

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
