#include "gateway/event_rate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using server::gateway::EventRate;

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

TEST(EventRate, ARefusedEventTakesNothing) {
  EventRate rate(kStart);
  allowed(rate, kStart, "peer:update");
  EXPECT_EQ(allowed(rate, kStart + 20ms, "peer:update", 1), 1);
}

}  // namespace
