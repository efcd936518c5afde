#include "rtc/stun/stun_digest.hpp"

#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::testing::hex;

std::vector<std::uint8_t> digest(Bytes key, std::string_view head, std::string_view tail) {
  const auto result = rtc::hmac_sha1(key, bytes_of(head), bytes_of(tail));
  return {result.begin(), result.end()};
}

// RFC 2202 section 3, cases 1, 2 and 6.
TEST(HmacSha1, AgreesWithTheVectorsOfTheRfc) {
  EXPECT_EQ(digest(std::vector<std::uint8_t>(20, 0x0B), "Hi There", ""),
            hex("b617318655057264e28bc0b6fb378c8ef146be00"));
  EXPECT_EQ(digest(bytes_of("Jefe"), "what do ya want ", "for nothing?"),
            hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
  EXPECT_EQ(digest(std::vector<std::uint8_t>(80, 0xAA), "Test Using Larger Than Block-Size Key - ",
                   "Hash Key First"),
            hex("aa4ae5e15272d00e95705637ce8a3b55ed402112"));
}

// The value for no key and no text is known from the tables of the hash.
TEST(HmacSha1, TakesAnEmptyKeyForAKey) {
  (void)digest(bytes_of("before"), "x", "y");
  EXPECT_EQ(digest({}, "", ""), hex("fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"));
}

TEST(Crc32, HasTheCheckValueOfItsPolynomial) {
  EXPECT_EQ(rtc::crc32(bytes_of("123456789"), {}), 0xCBF43926U);
  EXPECT_EQ(rtc::crc32(bytes_of("1234"), bytes_of("56789")), 0xCBF43926U);
}

}  // namespace
