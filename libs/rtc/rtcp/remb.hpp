// Receiver estimated maximum bit rate (draft-alvestrand-rmcat-remb-03 section 2.2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

struct Remb {
  std::uint32_t sender_ssrc = 0;
  std::uint64_t bitrate_bps = 0;  // saturates at the largest 64-bit number
  Bytes sources;                  // 4 octets each; in the datagram

  // nullopt for another type, format or name, or sources that do not fit.
  static std::optional<Remb> parse(const RtcpPacket& packet);

  // The rate is rounded down to 18 significant bits. At most 255 sources.
  static void write(ByteWriter& out, std::uint32_t sender_ssrc, std::uint64_t bitrate_bps,
                    std::span<const std::uint32_t> sources);
};

}  // namespace rtc
