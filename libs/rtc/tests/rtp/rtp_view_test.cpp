#include "rtc/rtp/rtp_view.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::RtpError;
using rtc::RtpView;
using rtc::testing::hex;

struct ParseCase {
  std::string name;
  std::vector<std::uint8_t> bytes;
  std::optional<RtpError> error;  // nullopt: must parse
  std::size_t payload_size = 0;   // octets, only read when it must parse
};

std::vector<std::uint8_t> header(std::uint8_t first, std::vector<std::uint8_t> tail = {}) {
  std::vector<std::uint8_t> out{first, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0xCA, 0xFE, 0xBA, 0xBE};
  out.insert(out.end(), tail.begin(), tail.end());
  return out;
}

class RtpViewParse : public testing::TestWithParam<ParseCase> {};

TEST_P(RtpViewParse, GivesViewOrNamedError) {
  const ParseCase& c = GetParam();
  const auto view = RtpView::parse(c.bytes);
  ASSERT_EQ(view.has_value(), !c.error.has_value());
  if (c.error) {
    EXPECT_EQ(view.error(), *c.error);
  } else {
    EXPECT_EQ(view->header.ssrc, 0xCAFEBABEU);
    EXPECT_EQ(view->payload.size(), c.payload_size);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3550, RtpViewParse,
    testing::Values(
        ParseCase{"Empty", {}, RtpError::TooShort},
        ParseCase{"HeaderOnly", header(0x80), std::nullopt, 0},
        ParseCase{"VersionOne", header(0x40), RtpError::BadVersion},
        ParseCase{"VersionThree", header(0xC0), RtpError::BadVersion},
        ParseCase{"CsrcMissing", header(0x81), RtpError::TooShort},
        ParseCase{"CsrcPresent", header(0x81, {1, 2, 3, 4, 9}), std::nullopt, 1},
        ParseCase{"FifteenCsrcs", header(0x8F, std::vector<std::uint8_t>(61)), std::nullopt, 1},
        ParseCase{"FifteenCsrcsCut", header(0x8F, std::vector<std::uint8_t>(59)),
                  RtpError::TooShort},
        ParseCase{"ExtensionHeaderCut", header(0x90, {0xBE, 0xDE, 0}), RtpError::BadExtension},
        ParseCase{"ExtensionCut", header(0x90, {0xBE, 0xDE, 0, 1}), RtpError::BadExtension},
        ParseCase{"ExtensionOf64k", header(0x90, {0xBE, 0xDE, 0xFF, 0xFF, 0}),
                  RtpError::BadExtension},
        ParseCase{"ExtensionEmpty", header(0x90, {0xBE, 0xDE, 0, 0, 7}), std::nullopt, 1},
        ParseCase{"PaddingAll", header(0xA0, {0, 2}), std::nullopt, 0},
        ParseCase{"PaddingZero", header(0xA0, {7, 0}), RtpError::BadPadding},
        ParseCase{"PaddingTooLong", header(0xA0, {7, 3}), RtpError::BadPadding},
        ParseCase{"PaddingOfNothing", header(0xA0), RtpError::BadPadding}),
    [](const auto& test) { return test.param.name; });

TEST(RtpViewParse, EveryPrefixOfAValidPacketIsSafe) {
  const auto whole = header(0xB1, {1, 2, 3, 4, 0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0, 7, 7, 1});
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    // An exact-size heap copy, so that ASan sees a read of even one octet too many.
    const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    (void)RtpView::parse(cut);
    (void)rtc::rtp_payload_offset(cut);
  }
}

// An Opus packet as a browser sends it: extensions 14 (audio level), 4 (mid) and 3 (transport-cc).
TEST(RtpView, ReadsAPacketOfABrowser) {
  const auto packet = hex("90ef 3c12 8a14e2b0 5f3759df bede 0002 e0b0 4030 3100 07a2 f8fffe");
  const auto view = RtpView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->header, (rtc::RtpHeader{.payload_type = 111,
                                          .marker = true,
                                          .sequence = 0x3C12,
                                          .timestamp = 0x8A14E2B0,
                                          .ssrc = 0x5F3759DF}));
  EXPECT_EQ(view->extension_profile, 0xBEDE);
  EXPECT_EQ(view->extension.size(), 8U);
  EXPECT_EQ(view->payload.size(), 3U);
  EXPECT_EQ(rtc::rtp_payload_offset(packet), 24U);
}

TEST(RtpDemux, TellsRtpFromRtcpByThePayloadType) {
  for (unsigned second = 0; second < 256; ++second) {
    const std::vector<std::uint8_t> datagram{0x80, static_cast<std::uint8_t>(second)};
    const bool is_rtcp = second >= 192 && second <= 223;  // RFC 5761 section 4
    const bool is_reserved = second >= 64 && second <= 95;
    EXPECT_EQ(rtc::is_rtp(datagram), !is_rtcp && !is_reserved) << second;
  }
}

}  // namespace
