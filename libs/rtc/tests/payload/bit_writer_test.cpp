#include "rtc/payload/bit_writer.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.hpp"

namespace {

using rtc::BitReader;
using rtc::BitWriter;

TEST(BitWriter, FillsTheLastOctetWithZeros) {
  std::vector<std::uint8_t> buffer(2, 0xFF);
  BitWriter out(buffer);
  out.bits(0b101, 3);
  out.bits(0, 0);
  EXPECT_EQ(out.written().size(), 1U);
  EXPECT_EQ(buffer[0], 0b1010'0000);
  out.bits(0x1F1, 9);
  EXPECT_EQ(buffer[0], 0b1011'1111);
  EXPECT_EQ(buffer[1], 0b0001'0000);
}

TEST(BitWriter, StaysFailedOnceFull) {
  std::vector<std::uint8_t> buffer(1);
  BitWriter out(buffer);
  out.bits(0, 9);
  EXPECT_FALSE(out.ok());
  out.bits(0, 1);
  EXPECT_TRUE(out.written().empty());
}

TEST(BitWriter, CopiesAnyNumberOfBits) {
  SeededRandom random(3);
  std::vector<std::uint8_t> source(50);
  random.fill(source);
  for (const unsigned shift : {0U, 1U, 5U, 8U}) {
    std::vector<std::uint8_t> buffer(60);
    BitWriter out(buffer);
    BitReader in(source);
    out.bits(0, shift);
    out.copy(in, source.size() * 8);
    BitReader again(out.written());
    again.bits(shift);
    for (const std::uint8_t octet : source) EXPECT_EQ(again.bits(8), octet);
  }
}

}  // namespace
