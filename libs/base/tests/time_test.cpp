#include "base/time.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(Instant, NeverStaysNever) {
  EXPECT_EQ(Instant::never() + 1h, Instant::never());
  EXPECT_GT(Instant::never(), Instant::at(24h * 365));
}

TEST(Instant, CountsInMicroseconds) {
  const Instant start = Instant::at(5ms);
  EXPECT_EQ((start + 250us).since_zero(), 5250us);
  EXPECT_EQ((start + 1s) - start, 1s);
}

}  // namespace
