#include "rtc/srtp/srtp_key_derivation.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace rtc {

namespace {

// RFC 3711 section 4.3.2; those of RTCP are three higher.
constexpr std::uint8_t kEncryptionLabel = 0;
constexpr std::uint8_t kAuthenticationLabel = 1;
constexpr std::uint8_t kSaltLabel = 2;
constexpr std::uint8_t kRtcpLabels = 3;

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// The key stream of AES in counter mode from (salt XOR label at its octet 7) * 2^16 on.
void derive(const SrtpMasterKey& master, std::uint8_t label, MutableBytes out) {
  std::array<std::uint8_t, 16> counter{};
  std::ranges::copy(master.salt(), counter.begin());  // 12 octets are padded with zeros
  counter[7] ^= label;
  std::ranges::fill(out, std::uint8_t{0});
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext> context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* const cipher =
      key_size(master.suite) == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
  int size = 0;
  const bool done = context != nullptr &&
                    EVP_EncryptInit_ex(context.get(), cipher, nullptr, master.key().data(),
                                       counter.data()) == 1 &&
                    EVP_EncryptUpdate(context.get(), out.data(), &size, out.data(),
                                      static_cast<int>(out.size())) == 1;
  // Only a lack of memory fails here, and nothing may be sent under keys that were not derived.
  if (!done) std::abort();
}

}  // namespace

SrtpSessionKeys derive_srtp_keys(const SrtpMasterKey& master, SrtpPurpose purpose) {
  const std::uint8_t base = purpose == SrtpPurpose::Rtcp ? kRtcpLabels : std::uint8_t{0};
  const auto label = [&](std::uint8_t kind) { return static_cast<std::uint8_t>(base + kind); };
  SrtpSessionKeys keys;
  keys.suite = master.suite;
  derive(master, label(kEncryptionLabel),
         MutableBytes(keys.key_octets).first(key_size(keys.suite)));
  derive(master, label(kSaltLabel), MutableBytes(keys.salt_octets).first(salt_size(keys.suite)));
  derive(master, label(kAuthenticationLabel), keys.authentication_key);
  return keys;
}

}  // namespace rtc
