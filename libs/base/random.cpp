#include "base/random.hpp"

#include <openssl/rand.h>

#include <cstdlib>
#include <vector>

std::uint32_t Random::u32() {
  std::uint8_t octets[4];
  fill(octets);
  return ByteReader(octets).u32();
}

std::string Random::url_safe(std::size_t length) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::vector<std::uint8_t> octets(length);
  fill(octets);
  std::string text(length, '\0');
  for (std::size_t i = 0; i < length; ++i) text[i] = kAlphabet[octets[i] & 63U];
  return text;
}

void SecureRandom::fill(MutableBytes buffer) {
  // Without randomness no key and no id is safe: there is no way to go on.
  if (RAND_bytes(buffer.data(), static_cast<int>(buffer.size())) != 1) std::abort();
}

void BufferedRandom::fill(MutableBytes buffer) {
  for (std::uint8_t& octet : buffer) {
    if (used_ == octets_.size()) {
      SecureRandom().fill(octets_);
      used_ = 0;
    }
    octet = octets_[used_++];
  }
}

void SeededRandom::fill(MutableBytes buffer) {
  for (std::uint8_t& octet : buffer) {  // splitmix64
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    octet = static_cast<std::uint8_t>((mixed ^ (mixed >> 31)) >> 56);
  }
}
