#include "rtc/rtcp/sdes.hpp"

namespace rtc {

namespace {

constexpr std::uint8_t kEnd = 0;
constexpr std::uint8_t kCname = 1;
constexpr std::size_t kItemMax = 255;  // octets

// Items up to the null octet, then padding to the next 32-bit border of the chunk.
std::string_view read_items(ByteReader& in) {
  std::string_view cname;
  std::size_t size = 0;
  for (std::uint8_t type = in.u8(); in.ok() && type != kEnd; type = in.u8()) {
    const Bytes text = in.take(in.u8());
    size += 2 + text.size();
    if (type == kCname && cname.empty()) cname = text_of(text);
  }
  in.take((4 - (size + 1) % 4) % 4);
  return cname;
}

}  // namespace

std::optional<Sdes> Sdes::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::SourceDescription)) return std::nullopt;
  ByteReader in(packet.body);
  Sdes sdes;
  for (unsigned i = 0; i < packet.count && in.ok(); ++i) {
    const std::uint32_t ssrc = in.u32();
    const std::string_view cname = read_items(in);
    sdes.chunks_[sdes.count_++] = {.ssrc = ssrc, .cname = cname};
  }
  if (!in.ok()) return std::nullopt;
  return sdes;
}

void Sdes::write(ByteWriter& out, std::uint32_t ssrc, std::string_view cname) {
  cname = cname.substr(0, kItemMax);
  const std::size_t items = 2 + cname.size() + 1;  // header, text, null octet
  const std::size_t padding = (4 - items % 4) % 4;
  write_rtcp_header(out, RtcpType::SourceDescription, 1, 4 + items + padding);
  out.u32(ssrc);
  out.u8(kCname);
  out.u8(static_cast<std::uint8_t>(cname.size()));
  out.bytes(bytes_of(cname));
  for (std::size_t i = 0; i <= padding; ++i) out.u8(kEnd);
}

}  // namespace rtc
