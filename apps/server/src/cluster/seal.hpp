// Authenticates the messages between servers that share a Redis: another program that writes to
// that Redis cannot speak for them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace server::cluster {

// HMAC-SHA-256 with a key derived from a secret that all servers have (HKDF, RFC 5869). It proves
// who wrote a text; it hides nothing.
class Seal {
 public:
  static constexpr std::size_t kMacLength = 43;  // characters before the text, base64url

  explicit Seal(std::string_view secret);

  // The text with its proof. It is good at that `place` alone: a channel, or a key.
  std::string close(std::string_view place, std::string_view text) const;
  // The text, a view of `sealed`; nullopt: without a proof, or with a wrong one.
  std::optional<std::string_view> open(std::string_view place, std::string_view sealed) const;

 private:
  using Mac = std::array<std::uint8_t, 32>;

  std::string mac(std::string_view place, std::string_view text) const;

  Mac key_{};
};

}  // namespace server::cluster
