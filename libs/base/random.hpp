// Randomness is injected: seeded in tests, from the system where a peer could exploit a guess.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  // Fills the whole buffer.
  virtual void fill(MutableBytes buffer) = 0;

  std::uint32_t u32();
  // `length` characters of A-Z a-z 0-9 - _ : six bits of randomness each.
  std::string url_safe(std::size_t length);
};

// OpenSSL's generator. Thread-safe.
class SecureRandom final : public Random {
 public:
  void fill(MutableBytes buffer) override;
};

// OpenSSL's generator, asked for many octets at once: for ids made by the thousand. One thread.
class BufferedRandom final : public Random {
 public:
  void fill(MutableBytes buffer) override;

 private:
  std::array<std::uint8_t, 1024> octets_{};
  std::size_t used_ = octets_.size();
};

// Repeatable, for tests and simulations; never for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(MutableBytes buffer) override;

 private:
  std::uint64_t state_;
};
