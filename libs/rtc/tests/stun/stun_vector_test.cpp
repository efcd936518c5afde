// The messages of RFC 5769, octet for octet.
#include <gtest/gtest.h>

#include "rtc/stun/stun_view.hpp"
#include "rtc/testing/hex.hpp"

namespace {

using rtc::StunClass;
using rtc::StunView;
using rtc::testing::hex;

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

// Section 2.1.
const auto kRequest = hex(R"(
    00010058 2112a442 b7e7a701 bc34d686 fa87dfae
    80220010 5354554e 20746573 7420636c 69656e74
    00240004 6e0001ff
    80290008 932ff9b1 51263b36
    00060009 6576746a 3a683676 59202020
    00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
    80280004 e57a3bcf)");

// Section 2.2.
const auto kIpv4Response = hex(R"(
    0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200008 0001a147 e112a643
    00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
    80280004 c07d4c96)");

// Section 2.3.
const auto kIpv6Response = hex(R"(
    01010048 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
    00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
    80280004 c8fb0b4c)");

// Section 2.4.
const auto kLongTermRequest = hex(R"(
    00010060 2112a442 78ad3433 c6ad72c0 29da412e
    00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
    0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
    0014000b 6578616d 706c652e 6f726700
    00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666)");

TEST(Rfc5769, SampleRequest) {
  const auto view = StunView::parse(kRequest);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->message_class, StunClass::Request);
  EXPECT_EQ(view->method, rtc::kStunBinding);
  EXPECT_EQ(view->username, "evtj:h6vY");
  EXPECT_EQ(view->priority, 0x6E0001FFU);
  EXPECT_EQ(view->ice_controlled, 0x932FF9B151263B36U);
  EXPECT_EQ(view->ice_controlling, std::nullopt);
  EXPECT_FALSE(view->use_candidate);
  EXPECT_TRUE(view->has_fingerprint);
  EXPECT_TRUE(view->is_authentic(bytes_of(kPassword)));
  EXPECT_FALSE(view->is_authentic(bytes_of("VOkJxbRl1RmTxUk/WvJxBT")));
}

TEST(Rfc5769, SampleIpv4Response) {
  const auto view = StunView::parse(kIpv4Response);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->message_class, StunClass::Success);
  EXPECT_EQ(view->xor_mapped_address->to_string(), "192.0.2.1:32853");
  EXPECT_TRUE(view->has_fingerprint);
  EXPECT_TRUE(view->is_authentic(bytes_of(kPassword)));
}

TEST(Rfc5769, SampleIpv6Response) {
  const auto view = StunView::parse(kIpv6Response);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->xor_mapped_address->to_string(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  EXPECT_TRUE(view->has_fingerprint);
  EXPECT_TRUE(view->is_authentic(bytes_of(kPassword)));
}

TEST(Rfc5769, SampleRequestWithLongTermAuthentication) {
  const auto view = StunView::parse(kLongTermRequest);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->username, "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9");
  EXPECT_FALSE(view->has_fingerprint);
  // The key is MD5 of "<username>:example.org:TheMatrIX" (RFC 8489 section 9.2.2).
  EXPECT_TRUE(view->is_authentic(hex("e8ca7ad59d5eb0518e312911d2dab2a9")));
}

}  // namespace
