#include "rtc/rtp/unwrapper.hpp"

#include <gtest/gtest.h>

namespace {

TEST(Unwrapper, FollowsTheCounterOverManyWrapsBothWays) {
  rtc::SequenceUnwrapper unwrapper;
  for (std::int64_t i = 60000; i < 400000; i += 77) {
    ASSERT_EQ(unwrapper.unwrap(static_cast<std::uint16_t>(i)), i);
  }
  for (std::int64_t i = 399000; i > -200000; i -= 77) {
    ASSERT_EQ(unwrapper.unwrap(static_cast<std::uint16_t>(i)), i);
  }
}

TEST(Unwrapper, TakesHalfTheRangeForAStepForwards) {
  rtc::Tl0Unwrapper unwrapper;
  EXPECT_EQ(unwrapper.unwrap(0), 0);
  EXPECT_EQ(unwrapper.unwrap(128), 128);
  EXPECT_EQ(unwrapper.unwrap(0), 256);
  EXPECT_EQ(unwrapper.unwrap(129), 129);
}

TEST(Unwrapper, PeekChangesNothing) {
  rtc::PictureIdUnwrapper unwrapper;
  EXPECT_EQ(unwrapper.peek(5), 5);
  EXPECT_EQ(unwrapper.unwrap(0x7FFF), 0x7FFF);
  EXPECT_EQ(unwrapper.peek(0), 0x8000);
  EXPECT_EQ(unwrapper.peek(0x7FFE), 0x7FFE);
  EXPECT_EQ(unwrapper.unwrap(1), 0x8001);
}

TEST(Unwrapper, HoldsTheWholeRangeOfTimestamps) {
  rtc::TimestampUnwrapper unwrapper;
  EXPECT_EQ(unwrapper.unwrap(0xFFFFFFFF), 0xFFFFFFFF);
  EXPECT_EQ(unwrapper.unwrap(3), 0x100000003);
  EXPECT_EQ(unwrapper.unwrap(0xFFFFFFF0), 0xFFFFFFF0);
}

}  // namespace
