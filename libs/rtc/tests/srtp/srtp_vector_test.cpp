// The examples of RFC 3711 appendix B and RFC 7714 sections 16 and 17.
#include <gtest/gtest.h>

#include <algorithm>

#include "rtc/srtp/aead_cipher.hpp"
#include "rtc/srtp/counter_cipher.hpp"
#include "rtc/srtp/srtp_key_derivation.hpp"
#include "rtc/srtp/srtp_protection.hpp"
#include "rtc/testing/hex.hpp"

namespace {

using rtc::SrtpSessionKeys;
using rtc::SrtpSuite;
using rtc::testing::hex;

std::vector<std::uint8_t> vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Rfc3711, KeyStreamOfAppendixB2) {
  rtc::CounterCipher cipher(hex("2B7E151628AED2A6ABF7158809CF4F3C"), hex("00"));
  std::array<std::uint8_t, 16> counter{};
  std::ranges::copy(hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), counter.begin());
  std::vector<std::uint8_t> stream(48);
  cipher.crypt(counter, stream, stream);
  EXPECT_EQ(stream, hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB"
                        "41E95B3BB0A2E8DD477901E4FCA894C0"));
}

TEST(Rfc3711, KeyDerivationOfAppendixB3) {
  const auto master = rtc::SrtpMasterKey::from(
      SrtpSuite::AesCm128HmacSha1_80,
      hex("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6"));
  ASSERT_TRUE(master);
  const SrtpSessionKeys keys = rtc::derive_srtp_keys(*master, rtc::SrtpPurpose::Rtp);
  EXPECT_EQ(vector_of(keys.key()), hex("C61E7A93744F39EE10734AFE3FF7A087"));
  EXPECT_EQ(vector_of(keys.salt()), hex("30CBBC08863D8C85D49DB34A9AE1"));
  EXPECT_EQ(vector_of(keys.authentication_key), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

SrtpSessionKeys rfc7714_keys(SrtpSuite suite) {
  SrtpSessionKeys keys;
  keys.suite = suite;
  for (std::size_t i = 0; i < rtc::key_size(suite); ++i) {
    keys.key_octets[i] = static_cast<std::uint8_t>(i);
  }
  std::ranges::copy(hex("517569642070726f2071756f"), keys.salt_octets.begin());
  return keys;
}

struct Rfc7714Case {
  SrtpSuite suite;
  std::string_view rtp;
  std::string_view rtcp;
};

constexpr std::string_view kRtp =
    "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976"
    "69736120 696e2070 61727465 73207472 6573";
constexpr std::string_view kRtcp =
    "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61"
    "deadbeef deadbeef deadbeef deadbeef deadbeef";

class Rfc7714 : public testing::TestWithParam<Rfc7714Case> {};

TEST_P(Rfc7714, SealsAndOpensTheExamples) {
  const auto protection = rtc::make_srtp_protection(rfc7714_keys(GetParam().suite));
  rtc::SigningQueue queue;
  const auto plain = hex(kRtp);
  auto packet = plain;
  packet.resize(plain.size() + rtc::kAeadTagSize);
  protection->seal_rtp(0xF17B, {packet, 12, Bytes(packet).subspan(12, plain.size() - 12)}, queue);
  EXPECT_EQ(packet, hex(GetParam().rtp));
  ASSERT_TRUE(protection->open_rtp(0xF17B, packet, 12));
  packet.resize(plain.size());
  EXPECT_EQ(packet, plain);

  const auto plain_rtcp = hex(kRtcp);
  auto rtcp = plain_rtcp;
  rtcp.resize(plain_rtcp.size() + rtc::kAeadTagSize + rtc::kSrtcpIndexSize);
  protection->seal_rtcp(0x5D4, rtcp, plain_rtcp.size());
  EXPECT_EQ(rtcp, hex(GetParam().rtcp));
  EXPECT_EQ(rtc::srtcp_index_word(GetParam().suite, rtcp), 0x800005D4U);
  ASSERT_TRUE(protection->open_rtcp(0x5D4, rtcp));
  rtcp.resize(plain_rtcp.size());
  EXPECT_EQ(rtcp, plain_rtcp);
}

INSTANTIATE_TEST_SUITE_P(
    Examples, Rfc7714,
    testing::Values(Rfc7714Case{SrtpSuite::AeadAes128Gcm,
                                "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca"
                                "be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1"
                                "6a9152cf 765ee439 0cce",
                                "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7"
                                "6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458"
                                "96cf4d2f c5abf872 45d9eade 800005d4"},
                    Rfc7714Case{SrtpSuite::AeadAes256Gcm,
                                "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa"
                                "b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff"
                                "d6b0f9bb 7878d7a7 6c13",
                                "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d"
                                "bffe0a50 a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c"
                                "4446839f 57ff6f6c b26ac3be 800005d4"}),
    [](const auto& test) { return std::string(rtc::name_of(test.param.suite)); });

TEST(SrtpSuite, IsFoundByItsName) {
  for (const auto suite :
       {SrtpSuite::AeadAes128Gcm, SrtpSuite::AeadAes256Gcm, SrtpSuite::AesCm128HmacSha1_80}) {
    EXPECT_EQ(rtc::srtp_suite_of(rtc::name_of(suite)), suite);
    const std::size_t size = rtc::key_size(suite) + rtc::salt_size(suite);
    EXPECT_TRUE(rtc::SrtpMasterKey::from(suite, std::vector<std::uint8_t>(size)));
    EXPECT_FALSE(rtc::SrtpMasterKey::from(suite, std::vector<std::uint8_t>(size - 1)));
    EXPECT_FALSE(rtc::SrtpMasterKey::from(suite, std::vector<std::uint8_t>(size + 1)));
  }
  EXPECT_FALSE(rtc::srtp_suite_of("AES_CM_128_HMAC_SHA1_32"));
}

}  // namespace
