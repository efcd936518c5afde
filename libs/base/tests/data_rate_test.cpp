#include "base/data_rate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(DataRate, ComesOfOctetsAndTimeAndGoesBack) {
  EXPECT_EQ(DataRate::of(1000, 10ms), DataRate::kbps(800));
  EXPECT_EQ(DataRate::kbps(800).time_of(1000), 10ms);
  EXPECT_EQ(DataRate::of(1000, 0ms), DataRate());
  EXPECT_EQ(DataRate::of(1000, -1ms), DataRate());
  EXPECT_GT(DataRate().time_of(1), 24h);
}

TEST(DataRate, IsNeverNegativeAndSaturates) {
  EXPECT_EQ(DataRate::bps(-5), DataRate());
  EXPECT_EQ(DataRate::kbps(100) * -1.0, DataRate());
  EXPECT_EQ(DataRate::kbps(100) * 1e30, DataRate::bps(1'000'000'000'000'000'000));
  EXPECT_EQ(DataRate::kbps(100) * 1.5, DataRate::kbps(150));
  EXPECT_DOUBLE_EQ(DataRate::kbps(300) / DataRate::kbps(200), 1.5);
  EXPECT_LT(DataRate::kbps(1), DataRate::kbps(2));
}

}  // namespace
