#include "rtc/rtcp/rtcp_packet.hpp"

#include <cassert>

namespace rtc {

namespace {

// The body without its padding; nullopt when the padding lies. RFC 3550 section 6.4.1 wants it to
// be a multiple of four, but libwebrtc fills up its transport feedback by one to three octets.
std::optional<Bytes> without_padding(Bytes body) {
  if (body.empty()) return std::nullopt;
  const std::size_t padding = body.back();  // counts itself
  if (padding == 0 || padding > body.size()) return std::nullopt;
  return body.first(body.size() - padding);
}

}  // namespace

std::optional<RtcpPacket> RtcpReader::next() {
  if (!ok_ || in_.remaining() == 0) return std::nullopt;
  const unsigned first = in_.u8();
  RtcpPacket packet;
  packet.type = in_.u8();
  packet.count = static_cast<std::uint8_t>(first & 0x1FU);
  packet.body = in_.take(std::size_t{in_.u16()} * 4);
  ok_ = in_.ok() && first >> 6 == 2;
  const bool is_padded = (first & 0x20U) != 0;
  if (ok_ && is_padded) {
    const auto body = without_padding(packet.body);
    // Only the last packet of a compound may be padded (RFC 3550 section 6.4.1).
    ok_ = body && in_.remaining() == 0;
    packet.body = body.value_or(Bytes{});
  }
  if (!ok_) return std::nullopt;
  return packet;
}

void write_rtcp_header(ByteWriter& out, RtcpType type, std::uint8_t count, std::size_t body_size) {
  assert(body_size % 4 == 0 && count < 32);
  out.u8(static_cast<std::uint8_t>(0x80U | count));
  out.u8(static_cast<std::uint8_t>(type));
  out.u16(static_cast<std::uint16_t>(body_size / 4));
}

}  // namespace rtc
