#include "rtc/rtcp/fir.hpp"

namespace rtc {

std::optional<Fir> Fir::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::PayloadFeedback, kFirFormat)) return std::nullopt;
  ByteReader in(packet.body);
  Fir fir;
  fir.sender_ssrc = in.u32();
  in.u32();  // the media source is unused and zero
  fir.items = in.take(in.remaining());
  if (!in.ok() || fir.items.empty() || fir.items.size() % 8 != 0) return std::nullopt;
  return fir;
}

void Fir::write(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t ssrc,
                std::uint8_t sequence) {
  write_rtcp_header(out, RtcpType::PayloadFeedback, kFirFormat, 16);
  out.u32(sender_ssrc);
  out.u32(0);
  out.u32(ssrc);
  out.u8(sequence);
  out.u24(0);
}

}  // namespace rtc
