#include "netsim/link.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace std::chrono_literals;
using sim::Link;

std::vector<std::pair<Instant, int>> drain(Link<int>& link) {
  std::vector<std::pair<Instant, int>> arrivals;
  while (link.next_timeout() != Instant::never()) {
    const Instant now = link.next_timeout();
    while (const auto packet = link.poll(now)) arrivals.emplace_back(now, *packet);
  }
  return arrivals;
}

TEST(Link, DeliversAfterItsDelayInOrder) {
  Link<int> link({.delay = 30ms});
  link.send(Instant::at(1ms), 1);
  link.send(Instant::at(1ms), 2);
  EXPECT_EQ(link.next_timeout(), Instant::at(31ms));
  EXPECT_FALSE(link.poll(Instant::at(30ms)));
  EXPECT_EQ(link.poll(Instant::at(31ms)), 1);
  EXPECT_EQ(link.poll(Instant::at(31ms)), 2);
  EXPECT_FALSE(link.poll(Instant::at(1h)));
}

TEST(Link, LosesAndDuplicatesAboutAsOftenAsAsked) {
  Link<int> link({.loss = 0.2, .duplicate = 0.1, .seed = 5});
  for (int i = 0; i < 10'000; ++i) link.send(Instant(), i);
  EXPECT_NEAR(static_cast<double>(link.dropped()), 2000, 150);
  EXPECT_NEAR(static_cast<double>(drain(link).size()), 8800, 200);
}

TEST(Link, JitterReordersWithinItsBounds) {
  Link<int> link({.delay = 10ms, .jitter = 20ms, .seed = 6});
  for (int i = 0; i < 1000; ++i) link.send(Instant::at(i * 1ms), i);
  int reordered = 0;
  int last = -1;
  for (const auto& [at, packet] : drain(link)) {
    EXPECT_GE(at, Instant::at(packet * 1ms + 10ms));
    EXPECT_LE(at, Instant::at(packet * 1ms + 30ms));
    if (packet < last) ++reordered;
    last = packet;
  }
  EXPECT_GT(reordered, 100);
}

TEST(Link, JitterKeepsTheOrderWhereAsked) {
  Link<int> link({.delay = 10ms, .jitter = 20ms, .keeps_order = true, .seed = 6});
  for (int i = 0; i < 1000; ++i) link.send(Instant::at(i * 1ms), i);
  const auto arrivals = drain(link);
  bool has_jitter = false;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(arrivals[static_cast<std::size_t>(i)].second, i);
    has_jitter |= arrivals[static_cast<std::size_t>(i)].first > Instant::at(i * 1ms + 25ms);
  }
  EXPECT_TRUE(has_jitter);
}

TEST(Link, BottleneckSpacesPacketsAndDropsWhatWouldWaitTooLong) {
  Link<int> link({.rate_bps = 800'000, .queue_max = 100ms});  // 1000 octets in 10 ms
  for (int i = 0; i < 50; ++i) link.send(Instant(), i, 1000);
  const auto arrivals = drain(link);
  ASSERT_EQ(arrivals.size(), 11U);
  EXPECT_EQ(arrivals[0].first, Instant::at(10ms));
  EXPECT_EQ(arrivals[10].first, Instant::at(110ms));
  EXPECT_EQ(link.dropped(), 39U);
}

TEST(Link, RepeatsWithItsSeed) {
  const auto run = [](std::uint64_t seed) {
    Link<int> link({.delay = 5ms, .jitter = 50ms, .loss = 0.3, .duplicate = 0.1, .seed = seed});
    for (int i = 0; i < 200; ++i) link.send(Instant::at(i * 3ms), i);
    return drain(link);
  };
  EXPECT_EQ(run(9), run(9));
  EXPECT_NE(run(9), run(10));
}

}  // namespace
