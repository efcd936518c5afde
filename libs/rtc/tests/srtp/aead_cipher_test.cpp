#include "rtc/srtp/aead_cipher.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.hpp"

namespace {

using rtc::AeadNonce;
using rtc::AeadProvider;
using rtc::kAeadTagSize;

std::vector<std::uint8_t> random_octets(Random& random, std::size_t size) {
  std::vector<std::uint8_t> octets(size);
  random.fill(octets);
  return octets;
}

class AeadProviders : public testing::TestWithParam<AeadProvider> {};

// Every size of text and of associated data that a packet can have near its edges.
TEST_P(AeadProviders, AgreesWithOpenSslOnEveryOctet) {
  if (!rtc::is_available(GetParam())) {
    // Nothing to compare: the choice must then be the other one.
    EXPECT_NE(rtc::best_aead_provider(), GetParam());
    return;
  }
  SeededRandom random(7);
  for (const std::size_t key_size : {16U, 32U}) {
    const auto key = random_octets(random, key_size);
    const auto cipher = rtc::make_aead_cipher(GetParam(), key);
    const auto reference = rtc::make_aead_cipher(AeadProvider::OpenSsl, key);
    for (std::size_t size = 0; size < 1500; size += size < 70 ? 1 : 53) {
      AeadNonce nonce{};
      random.fill(nonce);
      const auto associated = random_octets(random, 12 + size % 90);
      const auto plain = random_octets(random, size);
      std::vector<std::uint8_t> sealed(size + kAeadTagSize);
      std::vector<std::uint8_t> expected(size + kAeadTagSize);
      cipher->seal({nonce, associated, plain, sealed});
      reference->seal({nonce, associated, plain, expected});
      ASSERT_EQ(sealed, expected) << size;
      ASSERT_TRUE(cipher->open(nonce, associated, sealed)) << size;
      sealed.resize(size);
      ASSERT_EQ(sealed, plain) << size;
    }
  }
}

TEST_P(AeadProviders, RefusesWhatWasChangedAnywhere) {
  if (!rtc::is_available(GetParam())) return;
  SeededRandom random(8);
  const auto cipher = rtc::make_aead_cipher(GetParam(), random_octets(random, 16));
  const auto associated = random_octets(random, 12);
  const auto plain = random_octets(random, 33);
  const AeadNonce nonce{};
  std::vector<std::uint8_t> sealed(plain.size() + kAeadTagSize);
  cipher->seal({nonce, associated, plain, sealed});
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto bent = sealed;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_FALSE(cipher->open(nonce, associated, bent)) << bit;
  }
  auto wrong_associated = associated;
  wrong_associated[0] ^= 1;
  auto copy = sealed;
  EXPECT_FALSE(cipher->open(nonce, wrong_associated, copy));
  copy = sealed;
  EXPECT_FALSE(cipher->open({1}, associated, copy));
  copy = sealed;
  EXPECT_TRUE(cipher->open(nonce, associated, copy));
}

TEST_P(AeadProviders, SealsInPlace) {
  if (!rtc::is_available(GetParam())) return;
  SeededRandom random(9);
  const auto cipher = rtc::make_aead_cipher(GetParam(), random_octets(random, 32));
  const auto plain = random_octets(random, 100);
  std::vector<std::uint8_t> apart(116);
  std::vector<std::uint8_t> in_place = plain;
  in_place.resize(116);
  cipher->seal({{}, {}, plain, apart});
  cipher->seal({{}, {}, Bytes(in_place).first(100), in_place});
  EXPECT_EQ(in_place, apart);
}

INSTANTIATE_TEST_SUITE_P(Both, AeadProviders,
                         testing::Values(AeadProvider::OpenSsl, AeadProvider::IpsecMb),
                         [](const auto& test) {
                           return test.param == AeadProvider::OpenSsl ? "OpenSsl" : "IpsecMb";
                         });

}  // namespace
