#include "rtc/rtp/rtp_builder.hpp"

namespace rtc {

void write_rtp_header(ByteWriter& out, const RtpHeader& header,
                      std::span<const RtpExtensionElement> extensions) {
  out.u8(extensions.empty() ? 0x80 : 0x90);
  out.u8(static_cast<std::uint8_t>((header.marker ? 0x80U : 0U) | header.payload_type));
  out.u16(header.sequence);
  out.u32(header.timestamp);
  out.u32(header.ssrc);
  write_rtp_extensions(out, extensions);
}

void write_rtp_padding(MutableBytes packet, ByteWriter& out, std::uint8_t size) {
  if (size == 0) return;
  for (std::uint8_t i = 1; i < size; ++i) out.u8(0);
  out.u8(size);
  if (out.ok()) packet[0] |= 0x20U;
}

}  // namespace rtc
