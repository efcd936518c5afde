#include "netsim/world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using sim::World;

TEST(World, GoesToTheSoonestEventAndNeverBack) {
  World world(1);
  EXPECT_TRUE(world.advance(Instant::at(1s), {Instant::at(30ms), Instant::never()}));
  EXPECT_EQ(world.now(), Instant::at(30ms));
  EXPECT_TRUE(world.advance(Instant::at(1s), {Instant::at(10ms), Instant::at(50ms)}));
  EXPECT_EQ(world.now(), Instant::at(30ms));
  EXPECT_FALSE(world.advance(Instant::at(1s), {Instant::never()}));
  EXPECT_EQ(world.now(), Instant::at(1s));
  EXPECT_FALSE(world.advance(Instant::at(500ms), {Instant::at(2s)}));
  EXPECT_EQ(world.now(), Instant::at(1s));
}

TEST(World, RepeatsWithItsSeed) {
  World one(7);
  World same(7);
  World other(8);
  const std::uint64_t seed = one.fork_seed();
  EXPECT_EQ(seed, same.fork_seed());
  EXPECT_NE(seed, other.fork_seed());
  EXPECT_NE(seed, one.fork_seed());
  EXPECT_EQ(one.random().u32(), (same.fork_seed(), same.random().u32()));
}

}  // namespace
