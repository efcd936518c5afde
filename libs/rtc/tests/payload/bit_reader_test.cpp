#include "rtc/payload/bit_reader.hpp"

#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::BitReader;
using rtc::testing::hex;

TEST(BitReader, ReadsAcrossOctets) {
  const auto data = hex("a5 0ff0 12345678");
  BitReader in(data);
  EXPECT_TRUE(in.flag());
  EXPECT_EQ(in.bits(3), 2U);
  EXPECT_EQ(in.bits(8), 0x50U);
  EXPECT_EQ(in.bits(12), 0xFF0U);
  EXPECT_EQ(in.bits(32), 0x12345678U);
  EXPECT_EQ(in.remaining(), 0U);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.bits(0), 0U);
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.flag());
  EXPECT_FALSE(in.ok());
}

TEST(BitReader, StaysFailed) {
  const auto data = hex("ff");
  BitReader in(data);
  EXPECT_EQ(in.bits(9), 0U);
  EXPECT_EQ(in.bits(1), 0U);
  EXPECT_EQ(in.remaining(), 0U);
}

// The table of the AV1 specification for a range of 5: 00 01 10 110 111.
TEST(BitReader, ReadsNumbersBelowARange) {
  const auto data = hex("1b 70");  // 00 01 10 110 111 0000
  BitReader in(data);
  for (const std::uint32_t expected : {0U, 1U, 2U, 3U, 4U}) EXPECT_EQ(in.below(5), expected);
  EXPECT_EQ(in.below(1), 0U);
  EXPECT_EQ(in.remaining(), 4U);
}

}  // namespace
