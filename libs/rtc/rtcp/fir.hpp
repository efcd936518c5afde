// A full intra request: a key frame by command of whoever mixes or switches (RFC 5104 4.3.1).
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

struct Fir {
  std::uint32_t sender_ssrc = 0;
  Bytes items;  // 8 octets a source; in the datagram

  // nullopt for another type or format, or no whole item.
  static std::optional<Fir> parse(const RtcpPacket& packet);

  // Calls `visit(ssrc, sequence)`: an equal sequence number is the same request again.
  template <class Visit>
  void for_each(Visit&& visit) const {
    ByteReader in(items);
    while (in.remaining() > 0) {
      const std::uint32_t ssrc = in.u32();
      const std::uint8_t sequence = in.u8();
      in.u24();
      visit(ssrc, sequence);
    }
  }

  // A request to one source.
  static void write(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t ssrc,
                    std::uint8_t sequence);
};

}  // namespace rtc
