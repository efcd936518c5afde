#include "gateway/event_rate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using server::gateway::EventRate;
using server::gateway::OctetRate;
using server::gateway::RefusalRate;

int allowed(EventRate& rate, Instant now, std::string_view event, int tries = 1000) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += rate.take(now, event) ? 1 : 0;
  return count;
}

const Instant kStart = Instant::at(10s);

TEST(EventRate, AllowsTwiceTheRateAtOnceAndThenTheRate) {
  EventRate rate(kStart);
  EXPECT_EQ(allowed(rate, kStart, "peer:update"), 100);
  EXPECT_EQ(allowed(rate, kStart + 1s, "peer:update"), 50);
  EXPECT_EQ(allowed(rate, kStart + 1h, "peer:update"), 100);
}

TEST(EventRate, CountsChatAmongTheEvents) {
  EventRate rate(kStart);
  EXPECT_EQ(allowed(rate, kStart, "chat:send"), 40);
  EXPECT_EQ(allowed(rate, kStart, "peer:update"), 60);
  EXPECT_EQ(allowed(rate, kStart + 1s, "chat:send"), 20);
  EXPECT_EQ(allowed(rate, kStart + 1s, "peer:update"), 30);
}

TEST(EventRate, CountsIceCandidatesBesideThem) {
  EventRate rate(kStart);
  EXPECT_EQ(allowed(rate, kStart, "webrtc:ice"), 400);
  EXPECT_EQ(allowed(rate, kStart, "peer:update"), 100);
  EXPECT_EQ(allowed(rate, kStart + 1s, "webrtc:ice"), 200);
}

TEST(EventRate, CountsOtherPacketsAmongTheEvents) {
  EventRate rate(kStart);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(rate.take_packet(kStart));
  EXPECT_EQ(allowed(rate, kStart, "peer:update"), 40);
  EXPECT_FALSE(rate.take_packet(kStart));
}

TEST(RefusalRate, BearsAThousandAtOnceAndAHundredASecond) {
  RefusalRate rate(kStart);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(rate.take(kStart));
  EXPECT_FALSE(rate.take(kStart));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(rate.take(kStart + 1s));
  EXPECT_FALSE(rate.take(kStart + 1s));
}

TEST(OctetRate, IsADebtThatIsPaidInTime) {
  OctetRate rate(kStart);
  rate.charge(kStart, 1024 * 1024);
  EXPECT_EQ(rate.paid_at(kStart), kStart);
  rate.charge(kStart, 256 * 1024);
  EXPECT_EQ(rate.paid_at(kStart), kStart + 2s);
  EXPECT_EQ(rate.paid_at(kStart + 1s), kStart + 2s);
  EXPECT_EQ(rate.paid_at(kStart + 3s), kStart + 3s);
}

TEST(OctetRate, CountsTheSmallestMessageAsSixtyFour) {
  OctetRate rate(kStart);
  for (int i = 0; i < 1024 * 1024 / 64; ++i) rate.charge(kStart, 1);
  EXPECT_EQ(rate.paid_at(kStart), kStart);
  rate.charge(kStart, 1);
  EXPECT_GT(rate.paid_at(kStart), kStart);
}

TEST(EventRate, ARefusedEventTakesNothing) {
  EventRate rate(kStart);
  allowed(rate, kStart, "peer:update");
  EXPECT_EQ(allowed(rate, kStart + 20ms, "peer:update", 1), 1);
}

}  // namespace
