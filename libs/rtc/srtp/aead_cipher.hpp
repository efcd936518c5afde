// AES-GCM by the fastest means at hand.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

namespace rtc {

inline constexpr std::size_t kAeadTagSize = 16;  // octets
using AeadNonce = std::array<std::uint8_t, 12>;

// What is sealed, and where to. (One structure, as PlainRtp says.)
struct AeadText {
  AeadNonce nonce;
  Bytes associated;
  Bytes plain;
  MutableBytes sealed;
};

// One key. Not thread-safe. Neither function allocates.
class AeadCipher {
 public:
  AeadCipher() = default;
  AeadCipher(const AeadCipher&) = delete;
  AeadCipher& operator=(const AeadCipher&) = delete;
  virtual ~AeadCipher() = default;

  // Encrypts `plain` to `sealed`, which has kAeadTagSize octets more, for the tag. They may start
  // at the same place, and otherwise do not overlap. A nonce must never come twice under one key.
  virtual void seal(const AeadText& text) = 0;

  // Decrypts in place. False when the tag (its last octets) does not fit: then nothing in it may
  // be used. `sealed` has at least kAeadTagSize octets.
  virtual bool open(const AeadNonce& nonce, Bytes associated, MutableBytes sealed) = 0;
};

enum class AeadProvider : std::uint8_t { OpenSsl, IpsecMb };

// True when the processor (and the build) has what the provider needs.
bool is_available(AeadProvider provider);

// A cipher for a key of 16 or 32 octets; the provider must be available.
std::unique_ptr<AeadCipher> make_aead_cipher(AeadProvider provider, Bytes key);

// The best that is available: IPsec-MB takes about half the time of OpenSSL a packet.
AeadProvider best_aead_provider();

}  // namespace rtc
