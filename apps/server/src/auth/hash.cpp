#include "auth/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>

#include "base/bytes.hpp"

namespace server::auth {

std::string sha256_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  const Bytes octets = bytes_of(text);
  SHA256(octets.data(), octets.size(), digest.data());
  std::string hex;
  for (const std::uint8_t octet : digest) {
    hex += kDigits[octet >> 4U];
    hex += kDigits[octet & 15U];
  }
  return hex;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace server::auth
