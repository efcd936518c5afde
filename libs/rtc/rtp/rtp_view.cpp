#include "rtc/rtp/rtp_view.hpp"

namespace rtc {

namespace {

constexpr unsigned kPaddingBit = 0x20;
constexpr unsigned kExtensionBit = 0x10;

// Everything before the payload; `view` learns all but payload and padding.
std::expected<std::size_t, RtpError> read_head(Bytes datagram, RtpView& view) {
  ByteReader in(datagram);
  const unsigned first = in.u8();
  const unsigned second = in.u8();
  view.header.sequence = in.u16();
  view.header.timestamp = in.u32();
  view.header.ssrc = in.u32();
  const std::size_t csrc_count = first & 0x0FU;
  in.take(csrc_count * 4);
  if (!in.ok()) return std::unexpected(RtpError::TooShort);
  if (first >> 6 != 2) return std::unexpected(RtpError::BadVersion);
  view.header.marker = (second & 0x80U) != 0;
  view.header.payload_type = static_cast<std::uint8_t>(second & 0x7FU);

  const bool has_extension = (first & kExtensionBit) != 0;
  if (has_extension) {
    view.extension_profile = in.u16();
    view.extension = in.take(std::size_t{in.u16()} * 4);  // length counts 32-bit words
    if (!in.ok()) return std::unexpected(RtpError::BadExtension);
  }
  return datagram.size() - in.remaining();
}

}  // namespace

std::expected<RtpView, RtpError> RtpView::parse(Bytes datagram) {
  RtpView view;
  const auto offset = read_head(datagram, view);
  if (!offset) return std::unexpected(offset.error());
  view.payload = datagram.subspan(*offset);
  const bool has_padding = (datagram[0] & kPaddingBit) != 0;
  if (has_padding) {
    if (view.payload.empty()) return std::unexpected(RtpError::BadPadding);
    view.padding = view.payload.back();  // counts itself
    if (view.padding == 0 || view.padding > view.payload.size()) {
      return std::unexpected(RtpError::BadPadding);
    }
    view.payload = view.payload.first(view.payload.size() - view.padding);
  }
  return view;
}

std::expected<std::size_t, RtpError> rtp_payload_offset(Bytes datagram) {
  RtpView view;
  return read_head(datagram, view);
}

}  // namespace rtc
