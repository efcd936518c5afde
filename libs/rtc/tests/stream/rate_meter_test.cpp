#include "rtc/stream/rate_meter.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using rtc::RateMeter;

TEST(RateMeter, TellsTheRateOfTheLastSecond) {
  RateMeter meter;
  Instant now = Instant::at(7s);
  for (int i = 0; i < 200; ++i, now = now + 10ms) meter.on_packet(now, 125);
  EXPECT_NEAR(static_cast<double>(meter.rate(now).bps()), 100'000, 10'000);
  EXPECT_EQ(meter.rate(now + 2s), DataRate());
}

TEST(RateMeter, AStrayPacketOfThePastIsHarmless) {
  RateMeter meter;
  meter.on_packet(Instant::at(10s), 1000);
  meter.on_packet(Instant::at(9s), 1000);
  EXPECT_LE(meter.rate(Instant::at(10s)).bps(), 16'000);
  EXPECT_EQ(meter.rate(Instant::at(1h)), DataRate());
}

}  // namespace
