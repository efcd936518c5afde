#include "rtc/srtp/openssl_aead.hpp"

#include <openssl/evp.h>

#include <cstdlib>

namespace rtc {

namespace {

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

// A context that has the key, and takes one nonce after the other.
CipherContext keyed_context(Bytes key, bool encrypts) {
  CipherContext context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* const cipher = key.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
  if (context == nullptr || EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), nullptr,
                                              encrypts ? 1 : 0) != 1) {
    std::abort();  // out of memory
  }
  return context;
}

class OpenSslAead final : public AeadCipher {
 public:
  explicit OpenSslAead(Bytes key)
      : sealing_(keyed_context(key, true)), opening_(keyed_context(key, false)) {}

  void seal(const AeadText& text) override {
    EVP_CIPHER_CTX* const context = sealing_.get();
    std::uint8_t* const tag = text.sealed.data() + text.plain.size();
    int size = 0;
    const bool done =
        EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, text.nonce.data()) == 1 &&
        EVP_EncryptUpdate(context, nullptr, &size, text.associated.data(),
                          static_cast<int>(text.associated.size())) == 1 &&
        EVP_EncryptUpdate(context, text.sealed.data(), &size, text.plain.data(),
                          static_cast<int>(text.plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context, tag, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagSize, tag) == 1;
    if (!done) std::abort();  // never send what was not encrypted
  }

  bool open(const AeadNonce& nonce, Bytes associated, MutableBytes sealed) override {
    EVP_CIPHER_CTX* const context = opening_.get();
    const MutableBytes text = sealed.first(sealed.size() - kAeadTagSize);
    std::uint8_t* const tag = sealed.data() + text.size();
    int size = 0;
    return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &size, associated.data(),
                             static_cast<int>(associated.size())) == 1 &&
           EVP_DecryptUpdate(context, text.data(), &size, text.data(),
                             static_cast<int>(text.size())) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagSize, tag) == 1 &&
           EVP_DecryptFinal_ex(context, tag, &size) == 1;
  }

 private:
  CipherContext sealing_;
  CipherContext opening_;
};

}  // namespace

std::unique_ptr<AeadCipher> make_openssl_aead(Bytes key) {
  return std::make_unique<OpenSslAead>(key);
}

}  // namespace rtc
