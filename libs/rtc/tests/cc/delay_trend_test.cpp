#include "rtc/cc/delay_trend.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::DelayTrend;
using rtc::PathUse;

constexpr Duration kSpacing = 10ms;

struct Stream {
  DelayTrend trend;
  int sent = 0;
  Duration arrival = 3h;  // the receiver's clock is another one

  // Sends packets that each arrive `spacing` after the one before.
  bool send(int count, Duration spacing) {
    bool was_over = false;
    for (int i = 0; i < count; ++i) {
      arrival += spacing;
      trend.on_packet(Instant::at(sent++ * kSpacing), arrival);
      was_over |= trend.use() == PathUse::Over;
    }
    return was_over;
  }
};

TEST(DelayTrend, SteadyArrivalsAreNormal) {
  Stream stream;
  EXPECT_FALSE(stream.send(1000, kSpacing));
  EXPECT_EQ(stream.trend.use(), PathUse::Normal);
}

TEST(DelayTrend, SeesAQueueGrowAndDrain) {
  Stream stream;
  stream.send(100, kSpacing);
  EXPECT_TRUE(stream.send(50, kSpacing + 2ms)) << "a fifth too fast, for half a second";
  EXPECT_EQ(stream.trend.use(), PathUse::Over);
  stream.send(20, kSpacing - 3ms);
  EXPECT_EQ(stream.trend.use(), PathUse::Under);
  stream.send(200, kSpacing);
  EXPECT_EQ(stream.trend.use(), PathUse::Normal);
}

TEST(DelayTrend, ClocksThatDriftApartAreNormal) {
  Stream stream;
  EXPECT_FALSE(stream.send(3000, kSpacing + 2us)) << "200 parts in a million";
}

TEST(DelayTrend, JitterAloneIsNormal) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    DelayTrend trend;
    int over = 0;
    for (int i = 0; i < 3000; ++i) {
      const Duration jitter{random.u32() % 8000};
      trend.on_packet(Instant::at(i * kSpacing), i * kSpacing + jitter);
      if (trend.use() == PathUse::Over) ++over;
    }
    EXPECT_LT(over, 30) << "of half a minute, less than a hundredth";
  }
}

TEST(DelayTrend, ABurstIsNoQueue) {
  DelayTrend trend;
  bool was_over = false;
  for (int frame = 0; frame < 300; ++frame) {
    for (int i = 0; i < 10; ++i) {  // sent at once, spread by the path
      trend.on_packet(Instant::at(frame * 33ms), frame * 33ms + i * 2ms);
      was_over |= trend.use() == PathUse::Over;
    }
  }
  EXPECT_FALSE(was_over);
}

TEST(DelayTrend, JumpsOfTheReceiversClockBeginAnew) {
  Stream stream;
  stream.send(100, kSpacing);
  for (const Duration jump : {Duration(5h), Duration(-9h), Duration(400h)}) {
    stream.arrival += jump;
    EXPECT_FALSE(stream.send(200, kSpacing));
  }
  EXPECT_TRUE(stream.send(50, kSpacing + 3ms)) << "and it still sees";
}

}  // namespace
