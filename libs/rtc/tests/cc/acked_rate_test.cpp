#include "rtc/cc/acked_rate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using rtc::AckedRate;

constexpr std::size_t kOctets = 1000;

// Packets every `sending` that arrive every `arriving`, for a second of sending.
DataRate rate_of(Duration sending, Duration arriving) {
  AckedRate acked;
  for (int i = 0; i * sending < 1s; ++i) {
    acked.on_packet(Instant::at(i * sending), 5h + i * arriving, kOctets);
  }
  return acked.rate().value_or(DataRate());
}

TEST(AckedRate, IsThatOfTheSlowerSide) {
  EXPECT_EQ(rate_of(10ms, 10ms), DataRate::kbps(800));
  EXPECT_EQ(rate_of(10ms, 20ms), DataRate::kbps(400));
  EXPECT_EQ(rate_of(10ms, 1ms), DataRate::kbps(800));
  EXPECT_EQ(rate_of(10ms, 0ms), DataRate::kbps(800));
  EXPECT_EQ(rate_of(10ms, -5ms), DataRate::kbps(800));
}

TEST(AckedRate, IsNotKnownBeforeTheFirstSample) {
  AckedRate acked;
  acked.on_packet(Instant(), 0ms, kOctets);
  acked.on_packet(Instant::at(100ms), 100ms, kOctets);
  EXPECT_FALSE(acked.rate());
  acked.on_packet(Instant::at(120ms), 120ms, kOctets);
  EXPECT_TRUE(acked.rate());
}

TEST(AckedRate, APauseOfTheSenderIsNoSlowPath) {
  AckedRate acked;
  for (int i = 0; i < 100; ++i) acked.on_packet(Instant::at(i * 10ms), i * 10ms, kOctets);
  acked.on_packet(Instant::at(1h), 1h, kOctets);
  EXPECT_EQ(acked.rate(), DataRate::kbps(800));
}

TEST(AckedRate, NewestFollowsAtOnce) {
  AckedRate acked;
  Duration arrival{0};
  for (int i = 0; i < 100; ++i) {
    arrival += i < 80 ? 10ms : 40ms;
    acked.on_packet(Instant::at(i * 10ms), arrival, kOctets);
  }
  EXPECT_EQ(acked.newest(), DataRate::kbps(200));
}

}  // namespace
