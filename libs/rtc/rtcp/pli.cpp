#include "rtc/rtcp/pli.hpp"

namespace rtc {

std::optional<Pli> Pli::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::PayloadFeedback, kPliFormat)) return std::nullopt;
  ByteReader in(packet.body);
  const Pli pli{.sender_ssrc = in.u32(), .media_ssrc = in.u32()};
  if (!in.ok()) return std::nullopt;
  return pli;
}

void Pli::write(ByteWriter& out) const {
  write_rtcp_header(out, RtcpType::PayloadFeedback, kPliFormat, 8);
  out.u32(sender_ssrc);
  out.u32(media_ssrc);
}

}  // namespace rtc
