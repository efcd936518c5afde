// AES-GCM with the widest instructions that the processor has, in one call a packet.
#include "rtc/srtp/ipsec_mb_aead.hpp"

#include <cstdlib>

#ifdef RTC_HAS_IPSEC_MB
#include <openssl/crypto.h>

#include "rtc/srtp/ipsec_mb_manager.hpp"
#endif

namespace rtc {

#ifdef RTC_HAS_IPSEC_MB

namespace {

class IpsecMbAead final : public AeadCipher {
 public:
  explicit IpsecMbAead(Bytes key) {
    const IMB_MGR* const mb = shared_ipsec_mb();
    const bool is_256 = key.size() == 32;
    encrypt_ = is_256 ? mb->gcm256_enc : mb->gcm128_enc;
    decrypt_ = is_256 ? mb->gcm256_dec : mb->gcm128_dec;
    (is_256 ? mb->gcm256_pre : mb->gcm128_pre)(key.data(), &key_);
  }

  void seal(const AeadText& text) override {
    gcm_context_data context;
    encrypt_(&key_, &context, text.sealed.data(), source(text.plain), text.plain.size(),
             text.nonce.data(), source(text.associated), text.associated.size(),
             text.sealed.data() + text.plain.size(), kAeadTagSize);
  }

  bool open(const AeadNonce& nonce, Bytes associated, MutableBytes sealed) override {
    gcm_context_data context;
    const MutableBytes text = sealed.first(sealed.size() - kAeadTagSize);
    std::array<std::uint8_t, kAeadTagSize> tag{};
    decrypt_(&key_, &context, text.data(), text.data(), text.size(), nonce.data(),
             source(associated), associated.size(), tag.data(), tag.size());
    return CRYPTO_memcmp(tag.data(), sealed.data() + text.size(), tag.size()) == 0;
  }

 private:
  // The library refuses null pointers, even for no octets.
  static const std::uint8_t* source(Bytes bytes) {
    static constexpr std::uint8_t kNothing = 0;
    return bytes.empty() ? &kNothing : bytes.data();
  }

  gcm_key_data key_;
  aes_gcm_enc_dec_t encrypt_;
  aes_gcm_enc_dec_t decrypt_;
};

}  // namespace

bool has_ipsec_mb() { return shared_ipsec_mb() != nullptr; }

std::unique_ptr<AeadCipher> make_ipsec_mb_aead(Bytes key) {
  return std::make_unique<IpsecMbAead>(key);
}

#else

bool has_ipsec_mb() { return false; }

std::unique_ptr<AeadCipher> make_ipsec_mb_aead(Bytes) { std::abort(); }

#endif

}  // namespace rtc
