#include "rtc/payload/red_payload.hpp"

#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::RedPayload;
using rtc::testing::hex;

constexpr std::uint8_t kOpus = 111;  // 6f, and ef where another block follows

TEST(RedPayload, TheNewestFrameAlone) {
  const auto payload = hex("6f 01 02");
  const auto red = RedPayload::parse(payload, kOpus);
  ASSERT_TRUE(red);
  EXPECT_EQ(red->headers, 1U);
  EXPECT_EQ(red->primary, 1U);
}

// As Chromium sends it: the frame before the newest, 960 ticks older.
TEST(RedPayload, ACopyStandsBeforeTheNewestFrame) {
  const auto payload = hex("ef 0f00 03 6f 0a0b0c 0d0e");
  const auto red = RedPayload::parse(payload, kOpus);
  ASSERT_TRUE(red);
  EXPECT_EQ(red->headers, 5U);
  EXPECT_EQ(red->primary, 8U);
}

TEST(RedPayload, CopiesOfEveryLength) {
  for (std::size_t size = 0; size < 1024; ++size) {
    auto payload = hex("ef fffc 00 ef 0000 01 6f");
    payload[2] |= static_cast<std::uint8_t>(size >> 8);
    payload[3] = static_cast<std::uint8_t>(size);
    payload.resize(payload.size() + size + 1 + 7);
    const auto red = RedPayload::parse(payload, kOpus);
    ASSERT_TRUE(red);
    EXPECT_EQ(red->headers, 9U);
    EXPECT_EQ(red->primary, 9U + size + 1U);
  }
}

TEST(RedPayload, TheNewestFrameMayBeEmpty) {
  const auto red = RedPayload::parse(hex("ef 0000 01 6f 0a"), kOpus);
  ASSERT_TRUE(red);
  EXPECT_EQ(red->primary, 6U);
}

TEST(RedPayload, RefusesWhatIsCutShort) {
  const auto whole = hex("ef 0f00 03 ef 0780 02 6f 0a0b0c 0d0e");
  ASSERT_TRUE(RedPayload::parse(whole, kOpus));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(RedPayload::parse(Bytes(whole).first(size), kOpus)) << size;
  }
}

TEST(RedPayload, RefusesBlocksOfAnotherPayloadType) {
  EXPECT_FALSE(RedPayload::parse(hex("6e 01"), kOpus));
  EXPECT_FALSE(RedPayload::parse(hex("ee 0000 01 6f 01 02"), kOpus));
  EXPECT_FALSE(RedPayload::parse(hex("ef 0000 01 6e 01 02"), kOpus));
}

TEST(RedPayload, GivesEveryBlockAnotherPayloadTypeAndLeavesTheRest) {
  auto payload = hex("ef 0f00 03 ef 0780 02 6f 0a0b0c 0d0e 0f");
  const auto red = RedPayload::parse(payload, kOpus);
  ASSERT_TRUE(red);
  red->rewrite(payload, 100);
  EXPECT_EQ(payload, hex("e4 0f00 03 e4 0780 02 64 0a0b0c 0d0e 0f"));
  const auto again = RedPayload::parse(payload, 100);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->primary, red->primary);
}

}  // namespace
