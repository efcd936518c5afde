#include "rtc/stun/stun_view.hpp"

#include <gtest/gtest.h>

#include <string>

#include "rtc/stun/stun_builder.hpp"
#include "rtc/testing/hex.hpp"

namespace {

using rtc::StunBuilder;
using rtc::StunClass;
using rtc::StunError;
using rtc::StunView;
using rtc::testing::hex;

constexpr std::string_view kTransaction = "0102030405060708090a0b0c";

// A Binding request with these attributes, its length field set to fit.
std::vector<std::uint8_t> request(std::string_view attributes) {
  auto body = hex(attributes);
  auto message = hex("0001 0000 2112a442" + std::string(kTransaction));
  message[2] = static_cast<std::uint8_t>(body.size() >> 8);
  message[3] = static_cast<std::uint8_t>(body.size());
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

struct ParseCase {
  std::string name;
  std::vector<std::uint8_t> bytes;
  std::optional<StunError> error;  // nullopt: must parse
};

class StunViewParse : public testing::TestWithParam<ParseCase> {};

TEST_P(StunViewParse, GivesViewOrNamedError) {
  const ParseCase& c = GetParam();
  const auto view = StunView::parse(c.bytes);
  ASSERT_EQ(view.has_value(), !c.error.has_value());
  if (c.error) {
    EXPECT_EQ(view.error(), *c.error);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc8489, StunViewParse,
    testing::Values(
        ParseCase{"Empty", {}, StunError::TooShort},
        ParseCase{"HeaderOnly", request(""), std::nullopt},
        ParseCase{"HeaderCut", hex("0001 0000 2112a442 0102030405060708090a0b"),
                  StunError::TooShort},
        ParseCase{"FirstBitsSet", hex("4001 0000 2112a442 0102030405060708090a0b0c"),
                  StunError::NotStun},
        ParseCase{"WrongCookie", hex("0001 0000 2112a443 0102030405060708090a0b0c"),
                  StunError::NotStun},
        ParseCase{"LengthTooLarge", hex("0001 0004 2112a442 0102030405060708090a0b0c"),
                  StunError::BadLength},
        ParseCase{"LengthTooSmall", hex("0001 0000 2112a442 0102030405060708090a0b0c 80220000"),
                  StunError::BadLength},
        ParseCase{"LengthOdd", hex("0001 0002 2112a442 0102030405060708090a0b0c 8022"),
                  StunError::BadLength},
        ParseCase{"AttributeRunsOver", request("80220005 61616161"), StunError::BadAttribute},
        ParseCase{"AttributeOfZeroOctets", request("80220000"), std::nullopt},
        ParseCase{"UsernameLongest", request("000601fc" + std::string(1016, '6')), std::nullopt},
        ParseCase{"UsernameTooLong", request("000601fd" + std::string(1024, '6')),
                  StunError::BadAttribute},
        ParseCase{"PriorityShort", request("00240003 01020300"), StunError::BadAttribute},
        ParseCase{"ControllingShort", request("802a0004 01020304"), StunError::BadAttribute},
        ParseCase{"ControlledLong", request("8029000c 0102030405060708090a0b0c"),
                  StunError::BadAttribute},
        ParseCase{"UseCandidateWithValue", request("00250004 01020304"), StunError::BadAttribute},
        ParseCase{"AddressOfFamilyZero", request("00200008 00000102 01020304"),
                  StunError::BadAttribute},
        ParseCase{"Ipv6AddressInFourOctets", request("00200008 00020102 01020304"),
                  StunError::BadAttribute},
        ParseCase{"Ipv4AddressInSixteenOctets",
                  request("00200014 00010102 000102030405060708090a0b0c0d0e0f"),
                  StunError::BadAttribute},
        ParseCase{"AddressEmpty", request("00200000"), StunError::BadAttribute},
        ParseCase{"ErrorCodeOfClassTwo", request("00090004 00000200"), StunError::BadAttribute},
        ParseCase{"ErrorCodeOfClassSeven", request("00090004 00000700"), StunError::BadAttribute},
        ParseCase{"ErrorCodeCut", request("00090002 00000000"), StunError::BadAttribute},
        ParseCase{"IntegrityShort", request("00080010 000102030405060708090a0b0c0d0e0f"),
                  StunError::BadAttribute},
        ParseCase{"FingerprintWrong", request("80280004 00000000"), StunError::BadFingerprint},
        ParseCase{"FingerprintEmpty", request("80280000"), StunError::BadFingerprint},
        ParseCase{"FingerprintNotLast", request("80280004 00000000 80220000"),
                  StunError::BadFingerprint}),
    [](const auto& test) { return test.param.name; });

TEST(StunView, ReadsClassAndMethodFromTheirSpreadBits) {
  const auto with_type = [](std::string_view type) {
    return StunView::parse(hex(std::string(type) + "0000 2112a442" + std::string(kTransaction)));
  };
  EXPECT_EQ(with_type("0011")->message_class, StunClass::Indication);
  EXPECT_EQ(with_type("0101")->message_class, StunClass::Success);
  EXPECT_EQ(with_type("0111")->message_class, StunClass::Error);
  EXPECT_EQ(with_type("0003")->method, 0x003);
  EXPECT_EQ(with_type("3eef")->method, 0xFFF);
}

TEST(StunView, TakesTheFirstOfTwoEqualAttributes) {
  const auto view = StunView::parse(request("00240004 00000001 00240004 00000002"));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->priority, 1U);
}

TEST(StunView, IgnoresWhatFollowsTheIntegrity) {
  const auto view = StunView::parse(request(
      "00080014 0000000000000000000000000000000000000000 00250000 00240004 00000002 7fff0000"));
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->has_integrity);
  EXPECT_FALSE(view->use_candidate);
  EXPECT_EQ(view->priority, std::nullopt);
  EXPECT_EQ(view->unknown_required_count, 0U);
}

TEST(StunView, CollectsTheFirstUnknownAttributesThatMustBeUnderstood) {
  const auto one = StunView::parse(request("00300000 c0570000"));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->unknown_required_count, 1U);
  EXPECT_EQ(one->unknown_required[0], 0x0030);

  std::string many;
  for (int i = 0; i < 20; ++i) many += "00300000";
  EXPECT_EQ(StunView::parse(request(many))->unknown_required_count, StunView::kUnknownMax);
}

TEST(StunView, WithoutIntegrityNothingIsAuthentic) {
  const auto view = StunView::parse(request("00060004 61616161"));
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->is_authentic({}));
}

TEST(StunView, NoticesEveryFlippedBit) {
  std::array<std::uint8_t, 256> buffer{};
  StunBuilder builder(buffer, StunClass::Request, rtc::kStunBinding, {1, 2, 3});
  builder.username("them:us");
  builder.ice_controlling(77);
  builder.use_candidate();
  const Bytes whole = builder.finish({.key = bytes_of("password"), .fingerprint = false});
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::vector<std::uint8_t> bent(whole.begin(), whole.end());
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto view = StunView::parse(bent);
    EXPECT_FALSE(view && view->is_authentic(bytes_of("password"))) << "bit " << bit;
  }
}

TEST(StunView, EveryPrefixOfAValidMessageIsRefused) {
  std::array<std::uint8_t, 256> buffer{};
  StunBuilder builder(buffer, StunClass::Request, rtc::kStunBinding, {1, 2, 3});
  builder.username("them:us");
  builder.xor_mapped_address({*IpAddress::parse("2001:db8::1"), 9});
  const Bytes whole = builder.finish({.key = bytes_of("password")});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // An exact-size heap copy, so that ASan sees a read of even one octet too many.
    const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_FALSE(StunView::parse(cut)) << size;
  }
  EXPECT_TRUE(StunView::parse(whole));
}

}  // namespace
