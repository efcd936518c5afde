#include "rtc/stream/rate_budget.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using Budget = rtc::RateBudget<1000, 500>;

TEST(RateBudget, AllowsTheBurstAtOnceAndTheRateAfterwards) {
  Budget budget;
  Instant now = Instant::at(5s);
  int taken = 0;
  while (budget.take(now, 1)) ++taken;
  EXPECT_EQ(taken, 500);
  for (const Instant end = now + 10s; now < end; now = now + 1ms) {
    EXPECT_TRUE(budget.take(now + 1ms, 1));
    EXPECT_FALSE(budget.take(now + 1ms, 1));
  }
}

TEST(RateBudget, RefusesWhatIsLargerThanTheBurstAndTakesNothing) {
  Budget budget;
  EXPECT_FALSE(budget.take(Instant::at(1s), 501));
  EXPECT_TRUE(budget.take(Instant::at(1s), 500));
  EXPECT_FALSE(budget.has(Instant::at(1s), 1));
}

TEST(RateBudget, IsFullAgainAfterAPauseAndNoFuller) {
  Budget budget;
  EXPECT_TRUE(budget.take(Instant::at(1s), 500));
  EXPECT_FALSE(budget.has(Instant::at(1s + 499ms), 500));
  EXPECT_TRUE(budget.has(Instant::at(1s + 500ms), 500));
  EXPECT_FALSE(budget.has(Instant::at(1h), 501));
}

}  // namespace
