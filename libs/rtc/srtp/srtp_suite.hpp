// The protection profiles that we speak, and their sizes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace rtc {

enum class SrtpSuite : std::uint8_t {
  AeadAes128Gcm,        // RFC 7714; DTLS-SRTP profile 0x0007
  AeadAes256Gcm,        // RFC 7714; DTLS-SRTP profile 0x0008
  AesCm128HmacSha1_80,  // RFC 3711; DTLS-SRTP profile 0x0001
};

constexpr bool is_aead(SrtpSuite suite) { return suite != SrtpSuite::AesCm128HmacSha1_80; }
constexpr std::size_t key_size(SrtpSuite suite) {  // octets
  return suite == SrtpSuite::AeadAes256Gcm ? 32 : 16;
}
constexpr std::size_t salt_size(SrtpSuite suite) { return is_aead(suite) ? 12 : 14; }  // octets
constexpr std::size_t tag_size(SrtpSuite suite) { return is_aead(suite) ? 16 : 10; }   // octets

// Octets that protection adds at most: a tag, and for RTCP the index word.
inline constexpr std::size_t kSrtpOverheadMax = 16 + 4;

// The names of RFC 4568 and RFC 7714, as PlainTransport's `cryptoSuite` has them.
std::optional<SrtpSuite> srtp_suite_of(std::string_view name);
std::string_view name_of(SrtpSuite suite);

// Master key and salt of one direction.
struct SrtpMasterKey {
  SrtpSuite suite = SrtpSuite::AeadAes128Gcm;
  std::array<std::uint8_t, 32> key_octets{};
  std::array<std::uint8_t, 14> salt_octets{};

  // Splits key and salt, one after the other; nullopt when they have another size together.
  static std::optional<SrtpMasterKey> from(SrtpSuite suite, Bytes key_and_salt);
  Bytes key() const { return Bytes(key_octets).first(key_size(suite)); }
  Bytes salt() const { return Bytes(salt_octets).first(salt_size(suite)); }
};

}  // namespace rtc
