#include "rtc/cc/bandwidth_estimator.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/cc/feedback_of.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::BandwidthEstimator;
using rtc::testing::with_feedback;

using Reports = std::vector<std::pair<std::uint16_t, std::optional<Duration>>>;

constexpr int kPacketsOfARound = 20;
constexpr Duration kSpacing = 5ms;
const DataRate kSent = DataRate::of(1000, kSpacing);  // 1.6 Mbit/s

// Sends 20 packets in 100 ms, again and again, with the feedback that `report(number)` makes.
struct Sender {
  BandwidthEstimator estimator;
  int number = 0;

  template <class Report>
  void run(int rounds, Report&& report) {
    for (int round = 0; round < rounds; ++round) {
      Reports reports;
      for (int i = 0; i < kPacketsOfARound; ++i, ++number) {
        const auto sequence = static_cast<std::uint16_t>(number);
        estimator.on_sent(Instant::at(number * kSpacing), sequence, 1000);
        reports.emplace_back(sequence, report(number));
      }
      with_feedback(reports, [&](const rtc::TransportFeedback& feedback) {
        estimator.on_feedback(Instant::at(number * kSpacing + 20ms), feedback);
      });
    }
  }
};

TEST(BandwidthEstimator, StartsAsToldWithinItsBounds) {
  EXPECT_EQ(BandwidthEstimator({.start = DataRate::kbps(500)}).estimate(), DataRate::kbps(500));
  EXPECT_EQ(BandwidthEstimator({.start = DataRate::kbps(1)}).estimate(), DataRate::kbps(30));
}

TEST(BandwidthEstimator, GrowsToHalfAsMuchAgainAsArrives) {
  Sender sender;
  sender.run(100, [](int number) { return number * kSpacing; });
  EXPECT_NEAR(sender.estimator.estimate() / kSent, 1.5, 0.03);
}

TEST(BandwidthEstimator, ClaimsOfTenGigabitsLiftItNoFurther) {
  Sender sender;
  sender.run(100, [](int number) -> Duration { return number / 1000 * 1ms; });
  EXPECT_LT(sender.estimator.estimate() / kSent, 1.53);
  Sender backwards;
  backwards.run(100, [](int number) -> Duration { return 1h - number * 1ms; });
  EXPECT_LT(backwards.estimator.estimate() / kSent, 1.53);
}

TEST(BandwidthEstimator, HeavyLossBringsItBelowWhatArrives) {
  Sender sender;
  sender.run(300, [](int number) -> std::optional<Duration> {
    const int at = number % kPacketsOfARound;
    if (at != 0 && at != kPacketsOfARound - 1) return std::nullopt;
    return number * kSpacing;
  });
  EXPECT_LT(sender.estimator.estimate(), kSent * 0.1);
  sender.run(100, [](int number) { return number * kSpacing; });
  EXPECT_GT(sender.estimator.estimate(), kSent) << "and it comes back";
}

TEST(BandwidthEstimator, ImpossibleTimesLeaveItWithinItsBounds) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    Sender sender;
    for (int round = 0; round < 100; ++round) {
      Duration base = Duration{1ms} * random.u32();
      sender.run(1, [&](int) {
        base += Duration{random.u32() % 600'000} - 300ms;
        return base;
      });
      ASSERT_GE(sender.estimator.estimate(), DataRate::kbps(30));
      ASSERT_LT(sender.estimator.estimate() / kSent, 1.53);
    }
    sender.run(200, [](int number) { return number * kSpacing; });
    EXPECT_GT(sender.estimator.estimate(), DataRate::kbps(60)) << "and it comes back";
  }
}

TEST(BandwidthEstimator, FeedbackThatStaysOutHalvesItEachSecond) {
  Sender sender;
  sender.run(50, [](int number) { return number * kSpacing; });
  const DataRate before = sender.estimator.estimate();
  const Duration start = sender.number * kSpacing;
  sender.estimator.on_sent(Instant::at(start), static_cast<std::uint16_t>(sender.number), 1000);
  sender.estimator.on_sent(Instant::at(start + 999ms), 5001, 1000);
  EXPECT_EQ(sender.estimator.estimate(), before);
  sender.estimator.on_sent(Instant::at(start + 1s), 5002, 1000);
  EXPECT_NEAR(sender.estimator.estimate() / before, 0.5, 0.001);
}

TEST(BandwidthEstimator, FollowsRembWhereThereIsNoFeedback) {
  BandwidthEstimator estimator;
  for (int second = 1; second <= 3; ++second) {
    estimator.on_remb(Instant::at(second * 1s), DataRate::bps(10'000'000'000));
  }
  EXPECT_EQ(estimator.estimate(), DataRate::kbps(2400)) << "doubling at most";
  estimator.on_remb(Instant::at(4s), DataRate::kbps(700));
  EXPECT_EQ(estimator.estimate(), DataRate::kbps(700));
  estimator.on_remb(Instant::at(5s), DataRate());
  EXPECT_EQ(estimator.estimate(), DataRate::kbps(30));
}

TEST(BandwidthEstimator, FeedbackOverridesRemb) {
  Sender sender;
  sender.run(10, [](int number) { return number * kSpacing; });
  const DataRate before = sender.estimator.estimate();
  sender.estimator.on_remb(Instant::at(10s), DataRate::kbps(31));
  EXPECT_EQ(sender.estimator.estimate(), before);
}

TEST(BandwidthEstimator, MeasuresTheRoundTrip) {
  Sender sender;
  sender.run(100, [](int number) { return number * kSpacing; });
  EXPECT_NEAR(static_cast<double>(sender.estimator.rtt().count()), 25'000, 2000);
}

}  // namespace
