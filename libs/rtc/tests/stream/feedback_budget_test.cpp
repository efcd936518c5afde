#include "rtc/stream/feedback_budget.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using Budget = rtc::FeedbackBudget;

constexpr std::int64_t kMessage = Budget::kMessageMin;

// Messages of so many octets until one is refused.
std::int64_t taken(Budget& budget, Instant now, std::int64_t octets, std::int64_t sent) {
  std::int64_t count = 0;
  while (budget.take(now, octets, sent)) ++count;
  return count;
}

TEST(FeedbackBudget, AllowsABurstAndThenItsRateToAReceiverOfNothing) {
  Budget budget;
  EXPECT_EQ(taken(budget, Instant::at(9s), 12, 0), Budget::kBurst / kMessage);
  EXPECT_EQ(taken(budget, Instant::at(10s), 12, 0), Budget::kPerSecond / kMessage);
}

TEST(FeedbackBudget, AFullPacketEarnsAMessage) {
  Budget budget;
  const Instant now = Instant::at(9s);
  taken(budget, now, 12, 0);
  std::int64_t sent = 0;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(taken(budget, now, 12, sent += 640), 0);
    EXPECT_EQ(taken(budget, now, 12, sent += 640), 1);
  }
}

TEST(FeedbackBudget, AnIdleReceiverSavesNoMoreThanABurst) {
  Budget budget;
  EXPECT_EQ(taken(budget, Instant::at(24h), 12, 1'000'000'000), Budget::kBurst / kMessage);
  EXPECT_EQ(taken(budget, Instant::at(48h), 12, 900'000'000'000), Budget::kBurst / kMessage);
}

TEST(FeedbackBudget, ALongMessageCountsAllOfItsOctets) {
  Budget budget;
  EXPECT_EQ(taken(budget, Instant::at(9s), 1024, 0), Budget::kBurst / 1024);
}

// A storm that comes every few microseconds earns no less than its rate.
TEST(FeedbackBudget, LosesNothingToRounding) {
  Budget budget;
  Instant now = Instant::at(9s);
  taken(budget, now, 12, 0);
  std::int64_t count = 0;
  for (const Instant end = now + 10s; now < end; now = now + 7us) count += budget.take(now, 12, 0);
  EXPECT_NEAR(static_cast<double>(count), 10.0 * Budget::kPerSecond / kMessage, 1.0);
}

}  // namespace
