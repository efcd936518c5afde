#include "rtc/cc/probe.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using rtc::Probe;

constexpr Probe::Situation kWishing{
    .estimate = DataRate::kbps(300), .used = DataRate::kbps(100), .wanted = DataRate::kbps(1500)};

// Octets that it sends in this time, asked every 5 ms, with the same situation every 200.
std::int64_t run(Probe& probe, Instant& now, Duration time, const Probe::Situation& situation) {
  std::int64_t sent = 0;
  for (const Instant end = now + time; now < end; now = now + 5ms) {
    if (now.since_zero() % 200ms == 0s) probe.update(now, situation);
    if (now < probe.next_timeout()) continue;
    const std::int64_t due = probe.poll(now);
    probe.on_sent(due);
    sent += due;
  }
  return sent;
}

TEST(Probe, FillsUpToTheEstimateAndNotBeyondTheWish) {
  Probe probe;
  Instant now;
  // 200 kbit/s for a second.
  EXPECT_NEAR(static_cast<double>(run(probe, now, 1s, kWishing)), 25'000, 1500);
  Probe::Situation wide = kWishing;
  wide.estimate = DataRate::kbps(10'000);
  // 1.2 times the wish, less what is sent anyway.
  EXPECT_NEAR(static_cast<double>(run(probe, now, 1s, wide)), 1'700'000 / 8, 8000);
}

TEST(Probe, SendsNothingWhereNobodyWishesForMore) {
  Probe probe;
  Instant now;
  Probe::Situation content = kWishing;
  content.wanted = content.used;
  EXPECT_EQ(run(probe, now, 60s, content), 0);
}

TEST(Probe, StopsAtOnceOnAFullPathAndWaitsLongerEachTime) {
  Probe probe;
  Instant now;
  Probe::Situation full = kWishing;
  full.is_strained = true;
  std::vector<Duration> waits;
  Instant ended;
  for (int i = 0; i < 12; ++i) {
    while (run(probe, now, 200ms, kWishing) == 0) ASSERT_LT(now, Instant::at(1h));
    if (i > 0) waits.push_back(now - ended);
    EXPECT_EQ(run(probe, now, 200ms, full), 0);
    ended = now;
  }
  EXPECT_GE(waits.front(), 1800ms);
  EXPECT_LE(waits.front(), 2600ms);
  for (std::size_t i = 1; i < waits.size(); ++i) EXPECT_GE(waits[i] + 200ms, waits[i - 1]);
  EXPECT_GE(waits.back(), 29s);
  EXPECT_LE(waits.back(), 31s);
}

TEST(Probe, OneThatFindsNothingEnds) {
  Probe probe;
  Instant now;
  run(probe, now, Probe::kLongest, kWishing);
  EXPECT_TRUE(probe.is_under_way());
  run(probe, now, 400ms, kWishing);
  EXPECT_FALSE(probe.is_under_way());
}

TEST(Probe, AfterALateTickNotEverythingComesAtOnce) {
  Probe probe;
  probe.update(Instant(), kWishing);
  EXPECT_LE(probe.poll(Instant::at(5s)), 200'000 / 8 * 40 / 1000);
}

}  // namespace
