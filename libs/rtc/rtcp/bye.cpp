#include "rtc/rtcp/bye.hpp"

namespace rtc {

std::optional<Bye> Bye::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::Bye)) return std::nullopt;
  ByteReader in(packet.body);
  Bye bye;
  for (unsigned i = 0; i < packet.count; ++i) bye.sources_[bye.count_++] = in.u32();
  if (in.remaining() > 0) bye.reason_ = text_of(in.take(in.u8()));
  if (!in.ok()) return std::nullopt;
  return bye;
}

void Bye::write(ByteWriter& out, std::uint32_t ssrc) {
  write_rtcp_header(out, RtcpType::Bye, 1, 4);
  out.u32(ssrc);
}

}  // namespace rtc
