// AES in counter mode and HMAC-SHA1 over packets (RFC 3711 sections 4.1.1 and 4.2.1).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;

namespace rtc {

// One cipher key and one authentication key. Not thread-safe. Copies neither of them out.
class CounterCipher {
 public:
  static constexpr std::size_t kDigestSize = 20;  // octets; tags are its first ones

  CounterCipher(Bytes key, Bytes authentication_key);
  ~CounterCipher();
  CounterCipher(const CounterCipher&) = delete;
  CounterCipher& operator=(const CounterCipher&) = delete;

  // Encrypts or decrypts, which is the same, from `source` to `target` of equal size; they may be
  // one. `counter` is the first block.
  void crypt(const std::array<std::uint8_t, 16>& counter, Bytes source, MutableBytes target);

  // The digest of `head` followed by `tail`.
  std::array<std::uint8_t, kDigestSize> digest(Bytes head, Bytes tail);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
    void operator()(evp_mac_ctx_st* context) const;
  };

  std::unique_ptr<evp_cipher_ctx_st, Free> cipher_;
  std::unique_ptr<evp_mac_ctx_st, Free> mac_;
};

}  // namespace rtc
