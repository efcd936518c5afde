// Redundant audio (RFC 2198): the newest frame, and before it copies of earlier ones.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace rtc {

struct RedPayload {
  std::size_t headers = 0;  // octets, of the blocks
  std::size_t primary = 0;  // where the newest frame begins; it ends with the payload, or is empty

  // nullopt for one that is cut short, or has a block of another payload type than `payload_type`.
  static std::optional<RedPayload> parse(Bytes payload, std::uint8_t payload_type);

  // Gives all blocks another payload type. `payload` is what parse() read.
  void rewrite(MutableBytes payload, std::uint8_t payload_type) const;
};

}  // namespace rtc
