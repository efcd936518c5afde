#include "cluster/seal.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <stdexcept>

#include "base/base64.hpp"
#include "base/bytes.hpp"

namespace server::cluster {

namespace {

constexpr std::string_view kLabel = "webrtc-chat messages between servers, 1";

// HKDF (RFC 5869) without salt: the secret is random already.
void derive(std::string_view secret, std::span<std::uint8_t> key) {
  EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* const context = EVP_KDF_CTX_new(kdf);
  EVP_KDF_free(kdf);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(secret.data()),
                                        secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(kLabel.data()),
                                        kLabel.size()),
      OSSL_PARAM_construct_end()};
  const bool made =
      context != nullptr && EVP_KDF_derive(context, key.data(), key.size(), parameters) == 1;
  EVP_KDF_CTX_free(context);
  if (!made) throw std::runtime_error("OpenSSL has no HKDF with SHA-256");
}

}  // namespace

Seal::Seal(std::string_view secret) { derive(secret, key_); }

std::string Seal::mac(std::string_view place, std::string_view text) const {
  std::string proven;
  proven.reserve(place.size() + 1 + text.size());
  proven.append(place).append(1, '\0').append(text);
  Mac made{};
  unsigned size = 0;
  const Bytes octets = bytes_of(proven);
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), octets.data(), octets.size(),
       made.data(), &size);
  return base64url_encode(made);
}

std::string Seal::close(std::string_view place, std::string_view text) const {
  return mac(place, text).append(text);
}

std::optional<std::string_view> Seal::open(std::string_view place, std::string_view sealed) const {
  if (sealed.size() < kMacLength) return std::nullopt;
  const std::string_view text = sealed.substr(kMacLength);
  const std::string right = mac(place, text);
  if (CRYPTO_memcmp(right.data(), sealed.data(), kMacLength) != 0) return std::nullopt;
  return text;
}

}  // namespace server::cluster
