// Packets that a receiver misses (RFC 4585 section 6.2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

struct Nack {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  Bytes items;  // pairs of a sequence number and the bits of the 16 that follow it; in the datagram

  // nullopt for another type or format, or no whole pair.
  static std::optional<Nack> parse(const RtcpPacket& packet);

  // Calls `visit(sequence)` in the order of the wire, for at most `max` sequence numbers: one pair
  // of 4 octets asks for up to 17, so a datagram for some six thousand.
  template <class Visit>
  void for_each(std::size_t max, Visit&& visit) const {
    ByteReader in(items);
    while (in.remaining() > 0) {
      const std::uint16_t first = in.u16();
      const unsigned following = in.u16();
      for (unsigned i = 0; i <= 16; ++i) {
        const bool wanted = i == 0 || (following >> (i - 1) & 1U) != 0;
        if (!wanted) continue;
        if (max-- == 0) return;
        visit(static_cast<std::uint16_t>(first + i));
      }
    }
  }

  // One packet for all of `sequences`, which ascend (modulo 2^16). Nothing for none.
  static void write(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                    std::span<const std::uint16_t> sequences);
};

}  // namespace rtc
