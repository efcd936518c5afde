#include "rtc/srtp/counter_cipher.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>

namespace rtc {

void CounterCipher::Free::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}
void CounterCipher::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

CounterCipher::CounterCipher(Bytes key, Bytes authentication_key) : cipher_(EVP_CIPHER_CTX_new()) {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  mac_.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  char digest[] = "SHA1";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const bool done =
      cipher_ != nullptr && mac_ != nullptr &&
      EVP_EncryptInit_ex(cipher_.get(), EVP_aes_128_ctr(), nullptr, key.data(), nullptr) == 1 &&
      EVP_MAC_init(mac_.get(), authentication_key.data(), authentication_key.size(), parameters) ==
          1;
  if (!done) std::abort();  // out of memory
}

CounterCipher::~CounterCipher() = default;

void CounterCipher::crypt(const std::array<std::uint8_t, 16>& counter, Bytes source,
                          MutableBytes target) {
  int size = 0;
  const bool done =
      EVP_EncryptInit_ex(cipher_.get(), nullptr, nullptr, nullptr, counter.data()) == 1 &&
      EVP_EncryptUpdate(cipher_.get(), target.data(), &size, source.data(),
                        static_cast<int>(source.size())) == 1;
  if (!done) std::abort();  // never send what was not encrypted
}

std::array<std::uint8_t, CounterCipher::kDigestSize> CounterCipher::digest(Bytes head, Bytes tail) {
  std::array<std::uint8_t, kDigestSize> digest{};
  std::size_t size = 0;
  // Without a key the context starts over with the one that it has.
  const bool done = EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(mac_.get(), head.data(), head.size()) == 1 &&
                    EVP_MAC_update(mac_.get(), tail.data(), tail.size()) == 1 &&
                    EVP_MAC_final(mac_.get(), digest.data(), &size, digest.size()) == 1;
  if (!done || size != digest.size()) std::abort();
  return digest;
}

}  // namespace rtc
