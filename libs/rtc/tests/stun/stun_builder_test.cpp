#include "rtc/stun/stun_builder.hpp"

#include <gtest/gtest.h>

#include <string>

#include "rtc/stun/stun_view.hpp"
#include "rtc/testing/hex.hpp"

namespace {

using rtc::StunBuilder;
using rtc::StunClass;
using rtc::StunView;
using rtc::TransactionId;
using rtc::testing::hex;

constexpr TransactionId kTransaction{9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 255, 254};

TEST(StunBuilder, WritesWhatTheViewReads) {
  for (const char* text : {"192.0.2.7", "2001:db8::7"}) {
    const Endpoint endpoint{*IpAddress::parse(text), 54321};
    std::array<std::uint8_t, 512> buffer{};
    StunBuilder builder(buffer, StunClass::Success, rtc::kStunBinding, kTransaction);
    builder.username("left:right");
    builder.software("a test");
    builder.xor_mapped_address(endpoint);
    builder.priority(0x01020304);
    builder.use_candidate();
    builder.ice_controlling(0x0102030405060708);
    builder.ice_controlled(0x1112131415161718);
    const auto view = StunView::parse(builder.finish({.key = bytes_of("secret")}));
    ASSERT_TRUE(view);
    EXPECT_EQ(view->message_class, StunClass::Success);
    EXPECT_EQ(view->method, rtc::kStunBinding);
    EXPECT_EQ(view->transaction, kTransaction);
    EXPECT_EQ(view->username, "left:right");
    EXPECT_EQ(view->xor_mapped_address, endpoint);
    EXPECT_EQ(view->priority, 0x01020304U);
    EXPECT_EQ(view->ice_controlling, 0x0102030405060708U);
    EXPECT_EQ(view->ice_controlled, 0x1112131415161718U);
    EXPECT_TRUE(view->use_candidate);
    EXPECT_TRUE(view->has_fingerprint);
    EXPECT_TRUE(view->is_authentic(bytes_of("secret")));
    EXPECT_FALSE(view->is_authentic(bytes_of("Secret")));
  }
}

TEST(StunBuilder, EveryClassAndMethodSurvives) {
  for (std::uint16_t method = 0; method < 0x1000;
       method = static_cast<std::uint16_t>(method + 37)) {
    for (const auto kind :
         {StunClass::Request, StunClass::Indication, StunClass::Success, StunClass::Error}) {
      std::array<std::uint8_t, 64> buffer{};
      const auto view =
          StunView::parse(StunBuilder(buffer, kind, method, kTransaction).finish({.key = {}}));
      ASSERT_TRUE(view);
      EXPECT_EQ(view->method, method);
      EXPECT_EQ(view->message_class, kind);
    }
  }
}

TEST(StunBuilder, ErrorCarriesCodeAndUnknownAttributes) {
  std::array<std::uint8_t, 256> buffer{};
  StunBuilder builder(buffer, StunClass::Error, rtc::kStunBinding, kTransaction);
  builder.error_code(420, "Unknown Attribute");
  builder.unknown_attributes(std::array<std::uint16_t, 3>{0x0030, 0x0031, 0x7FFF});
  const Bytes datagram = builder.finish({.key = {}, .fingerprint = false});
  EXPECT_EQ(StunView::parse(datagram)->error_code, 420U);
  const auto expected = hex("000a 0006 0030 0031 7fff 0000");
  const Bytes tail = datagram.last(expected.size());
  EXPECT_EQ(std::vector<std::uint8_t>(tail.begin(), tail.end()), expected);
}

TEST(StunBuilder, CutsAReasonThatIsTooLong) {
  std::array<std::uint8_t, 256> buffer{};
  StunBuilder builder(buffer, StunClass::Error, rtc::kStunBinding, kTransaction);
  builder.error_code(699, std::string(500, 'x'));
  EXPECT_EQ(StunView::parse(builder.finish({.key = {}}))->error_code, 699U);
}

TEST(StunBuilder, GivesNothingWhenTheBufferIsTooSmall) {
  std::vector<std::uint8_t> buffer(200);
  StunBuilder whole(buffer, StunClass::Request, rtc::kStunBinding, kTransaction);
  whole.username("left:right");
  const std::size_t needed = whole.finish({.key = bytes_of("k")}).size();
  ASSERT_GT(needed, 0U);
  for (std::size_t size = 0; size < needed; ++size) {
    std::vector<std::uint8_t> small(size);
    StunBuilder builder(small, StunClass::Request, rtc::kStunBinding, kTransaction);
    builder.username("left:right");
    EXPECT_TRUE(builder.finish({.key = bytes_of("k")}).empty()) << size;
  }
}

}  // namespace
