#include "rtc/rtp/rtp_builder.hpp"

#include <array>

namespace rtc {

void write_rtp_header(ByteWriter& out, const RtpHeader& header,
                      std::span<const RtpExtensionElement> extensions) {
  // Octet by octet into a room of known size, which compilers make two stores of: this is done for
  // every packet to every receiver.
  const MutableBytes fixed = out.reserve(kRtpHeaderSize);
  if (fixed.empty()) return;
  const auto octet = [](std::uint32_t value, unsigned shift) {
    return static_cast<std::uint8_t>(value >> shift);
  };
  const std::uint32_t first_word = (extensions.empty() ? 0x8000'0000U : 0x9000'0000U) |
                                   (header.marker ? 0x80'0000U : 0U) |
                                   std::uint32_t{header.payload_type} << 16 | header.sequence;
  const std::array<std::uint32_t, 3> words{first_word, header.timestamp, header.ssrc};
  for (std::size_t i = 0; i < words.size(); ++i) {
    fixed[4 * i] = octet(words[i], 24);
    fixed[4 * i + 1] = octet(words[i], 16);
    fixed[4 * i + 2] = octet(words[i], 8);
    fixed[4 * i + 3] = octet(words[i], 0);
  }
  write_rtp_extensions(out, extensions);
}

void write_rtp_padding(MutableBytes packet, ByteWriter& out, std::uint8_t size) {
  if (size == 0) return;
  for (std::uint8_t i = 1; i < size; ++i) out.u8(0);
  out.u8(size);
  if (out.ok()) packet[0] |= 0x20U;
}

}  // namespace rtc
