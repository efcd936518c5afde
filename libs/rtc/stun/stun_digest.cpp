#include "rtc/stun/stun_digest.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>
#include <memory>

namespace rtc {

namespace {

struct FreeMacContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// A context that knows its digest; looking both up by name costs more than the HMAC itself.
EVP_MAC_CTX* template_context() {
  static EVP_MAC_CTX* const context = [] {
    EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* const fresh = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    char digest[] = "SHA1";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    if (fresh == nullptr || EVP_MAC_CTX_set_params(fresh, parameters) != 1) std::abort();
    return fresh;
  }();
  return context;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
    table[i] = value;
  }
  return table;
}();

std::uint32_t crc_over(std::uint32_t crc, Bytes data) {
  for (const std::uint8_t octet : data) crc = (crc >> 8) ^ kCrcTable[(crc ^ octet) & 0xFFU];
  return crc;
}

}  // namespace

std::array<std::uint8_t, kHmacSha1Size> hmac_sha1(Bytes key, Bytes head, Bytes tail) {
  const std::unique_ptr<EVP_MAC_CTX, FreeMacContext> context(EVP_MAC_CTX_dup(template_context()));
  std::array<std::uint8_t, kHmacSha1Size> digest{};
  std::size_t size = 0;
  // An empty key is a key too, but OpenSSL takes a null pointer for "the key from before".
  static constexpr std::uint8_t kNoKey = 0;
  const bool done =
      context != nullptr &&
      EVP_MAC_init(context.get(), key.empty() ? &kNoKey : key.data(), key.size(), nullptr) == 1 &&
      EVP_MAC_update(context.get(), head.data(), head.size()) == 1 &&
      EVP_MAC_update(context.get(), tail.data(), tail.size()) == 1 &&
      EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1;
  // Only a lack of memory fails here, and an integrity that was not computed must not be sent.
  if (!done || size != digest.size()) std::abort();
  return digest;
}

std::uint32_t crc32(Bytes head, Bytes tail) { return ~crc_over(crc_over(0xFFFFFFFFU, head), tail); }

}  // namespace rtc
