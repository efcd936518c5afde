// AES in counter mode with HMAC-SHA1 for what is sent, several packets at a time: processors sign
// two or more packets in little more than the time of one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "rtc/srtp/plain_rtp.hpp"

namespace rtc {

// A cipher and an authentication key, expanded.
struct SigningKey {
  alignas(16) std::array<std::uint8_t, 240> rounds;
  std::array<std::uint8_t, 20> inner;  // SHA-1 behind the padded key, on either side (RFC 2104)
  std::array<std::uint8_t, 20> outer;
};

// Not thread-safe. Allocates when made, never later.
class SigningQueue {
 public:
  static constexpr std::size_t kWaitingMax = 16;  // packets: they are still in the cache then
  static constexpr std::size_t kTagSize = 10;     // octets

  SigningQueue();
  ~SigningQueue();
  SigningQueue(const SigningQueue&) = delete;
  SigningQueue& operator=(const SigningQueue&) = delete;

  // False where the processor (and the build) lacks what it takes: then nothing else may be called
  // but finish(), and make_key() gives null.
  static bool is_available();
  static std::unique_ptr<SigningKey> make_key(Bytes key, Bytes authentication_key);

  // Encrypts from the block `counter` on. The tag is there after finish() only: until then the
  // packet must not move, and kTagSize octets behind the text are not the caller's.
  void seal(const SigningKey& key, const std::array<std::uint8_t, 16>& counter,
            std::uint32_t roll_over, const PlainRtp& rtp);
  void finish();

 private:
  struct Waiting;

  std::unique_ptr<Waiting> waiting_;
};

}  // namespace rtc
