#include "rtc/rtp/rtp_builder.hpp"

namespace rtc {

void write_rtp_header(ByteWriter& out, const RtpHeader& header,
                      std::span<const RtpExtensionElement> extensions) {
  const MutableBytes fixed = out.reserve(kRtpHeaderSize);
  if (fixed.empty()) return;
  const std::uint32_t first_word = (extensions.empty() ? 0x8000'0000U : 0x9000'0000U) |
                                   (header.marker ? 0x80'0000U : 0U) |
                                   std::uint32_t{header.payload_type} << 16 | header.sequence;
  ByteWriter words(fixed);
  words.u64(std::uint64_t{first_word} << 32 | header.timestamp);
  words.u32(header.ssrc);
  write_rtp_extensions(out, extensions);
}

void write_rtp_padding(MutableBytes packet, ByteWriter& out, std::uint8_t size) {
  if (size == 0) return;
  for (std::uint8_t i = 1; i < size; ++i) out.u8(0);
  out.u8(size);
  if (out.ok()) packet[0] |= 0x20U;
}

}  // namespace rtc
