// Source descriptions: of their items only the canonical name matters to us.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

// The CNAME of each source of one SDES packet (RFC 3550 section 6.5). Names point into the
// datagram.
class Sdes {
 public:
  struct Chunk {
    std::uint32_t ssrc = 0;
    std::string_view cname;  // at most 255 octets of no certain encoding; empty when absent
  };
  static constexpr std::size_t kChunksMax = 31;

  // nullopt for another type, or chunks and items that run over the end.
  static std::optional<Sdes> parse(const RtcpPacket& packet);
  std::span<const Chunk> chunks() const { return std::span(chunks_).first(count_); }

  // A packet with one chunk and its CNAME (at most 255 octets of it).
  static void write(ByteWriter& out, std::uint32_t ssrc, std::string_view cname);

 private:
  std::array<Chunk, kChunksMax> chunks_;
  std::size_t count_ = 0;
};

}  // namespace rtc
