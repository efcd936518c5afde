#include "rtc/rtcp/nack.hpp"

namespace rtc {

namespace {

// How many of the ascending numbers go into one pair.
std::size_t pair_length(std::span<const std::uint16_t> sequences) {
  std::size_t length = 1;
  while (length < sequences.size() &&
         static_cast<std::uint16_t>(sequences[length] - sequences[0] - 1) < 16) {
    ++length;
  }
  return length;
}

}  // namespace

std::optional<Nack> Nack::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::TransportFeedback, kNackFormat)) return std::nullopt;
  ByteReader in(packet.body);
  Nack nack;
  nack.sender_ssrc = in.u32();
  nack.media_ssrc = in.u32();
  nack.items = in.take(in.remaining());
  if (!in.ok() || nack.items.empty()) return std::nullopt;
  return nack;
}

void Nack::write(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                 std::span<const std::uint16_t> sequences) {
  if (sequences.empty()) return;
  std::size_t pairs = 0;
  for (std::size_t at = 0; at < sequences.size(); at += pair_length(sequences.subspan(at))) ++pairs;

  write_rtcp_header(out, RtcpType::TransportFeedback, kNackFormat, 8 + pairs * 4);
  out.u32(sender_ssrc);
  out.u32(media_ssrc);
  while (!sequences.empty()) {
    const std::size_t length = pair_length(sequences);
    unsigned following = 0;
    for (std::size_t i = 1; i < length; ++i) {
      following |= 1U << static_cast<std::uint16_t>(sequences[i] - sequences[0] - 1);
    }
    out.u16(sequences[0]);
    out.u16(static_cast<std::uint16_t>(following));
    sequences = sequences.subspan(length);
  }
}

}  // namespace rtc
