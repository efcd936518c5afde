#include "rtc/payload/red_payload.hpp"

namespace rtc {

namespace {

constexpr std::uint8_t kFollowed = 0x80;  // F: another block header comes
constexpr std::uint8_t kPayloadType = 0x7F;
constexpr std::uint16_t kLength = 0x3FF;  // 10 bits, octets
constexpr std::size_t kHeader = 4;        // octets, but of the last one: that is a single octet

}  // namespace

std::optional<RedPayload> RedPayload::parse(Bytes payload, std::uint8_t payload_type) {
  ByteReader in(payload);
  std::size_t copies = 0;  // octets
  for (;;) {
    const std::uint8_t first = in.u8();
    if (!in.ok() || (first & kPayloadType) != payload_type) return std::nullopt;
    if ((first & kFollowed) == 0) break;
    in.u8();  // the offset of the timestamp goes on into the next octet
    copies += in.u16() & kLength;
  }
  const std::size_t headers = payload.size() - in.remaining();
  in.take(copies);
  if (!in.ok()) return std::nullopt;
  return RedPayload{.headers = headers, .primary = headers + copies};
}

void RedPayload::rewrite(MutableBytes payload, std::uint8_t payload_type) const {
  for (std::size_t at = 0; at < headers; at += kHeader) {
    payload[at] = static_cast<std::uint8_t>((payload[at] & kFollowed) | payload_type);
  }
}

}  // namespace rtc
