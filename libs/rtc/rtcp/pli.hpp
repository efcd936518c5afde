// A receiver lost pictures and asks for a key frame (RFC 4585 section 6.3.1).
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

struct Pli {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;

  // nullopt for another type or format, or one cut short.
  static std::optional<Pli> parse(const RtcpPacket& packet);
  void write(ByteWriter& out) const;
};

}  // namespace rtc
