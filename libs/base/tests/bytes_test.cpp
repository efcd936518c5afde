#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace {

TEST(ByteReader, ReadsBigEndianFieldsOfEveryWidth) {
  const std::array<std::uint8_t, 18> data{1,  2,  3,  4,  5,  6,  7,  8,  9,
                                          10, 11, 12, 13, 14, 15, 16, 17, 18};
  ByteReader in(data);
  EXPECT_EQ(in.u8(), 0x01U);
  EXPECT_EQ(in.u16(), 0x0203U);
  EXPECT_EQ(in.u24(), 0x040506U);
  EXPECT_EQ(in.u32(), 0x0708090AU);
  EXPECT_EQ(in.u64(), 0x0B0C0D0E0F101112U);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0U);
}

TEST(ByteReader, StaysFailedAfterTheFirstReadPastTheEnd) {
  const std::array<std::uint8_t, 3> data{1, 2, 3};
  ByteReader in(data);
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0U);
  EXPECT_TRUE(in.take(1).empty());
  EXPECT_FALSE(in.ok());
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
  std::array<std::uint8_t, 21> buffer{};
  ByteWriter out(buffer);
  out.u8(0x01);
  out.u16(0x0203);
  out.u24(0x040506);
  out.u32(0x0708090A);
  out.u64(0x0B0C0D0E0F101112U);
  out.bytes(std::array<std::uint8_t, 3>{19, 20, 21});
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out.size(), buffer.size());
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(buffer[i], i + 1);
}

TEST(ByteWriter, WritesNothingMoreOnceTheBufferIsTooSmall) {
  std::array<std::uint8_t, 3> buffer{};
  ByteWriter out(buffer);
  out.u16(0xFFFF);
  out.u16(0xFFFF);
  out.u8(0xFF);
  EXPECT_FALSE(out.ok());
  EXPECT_EQ(out.size(), 2U);
  EXPECT_EQ(buffer[2], 0);
}

}  // namespace
