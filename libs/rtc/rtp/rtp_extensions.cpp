#include "rtc/rtp/rtp_extensions.hpp"

#include <algorithm>

namespace rtc {

namespace {

constexpr std::uint16_t kOneByteProfile = 0xBEDE;
constexpr std::uint16_t kTwoByteProfile = 0x1000;  // the lowest 4 bits are free
constexpr std::uint16_t kTwoByteProfileMask = 0xFFF0;
constexpr std::uint8_t kOneByteIdMax = 14;
constexpr std::size_t kOneByteDataMax = 16;  // octets

// In the order of RtpExtension.
constexpr std::array<std::string_view, kRtpExtensionCount> kUris{
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "urn:3gpp:video-orientation",
    "urn:ietf:params:rtp-hdrext:toffset",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
};

bool fits_one_byte(const RtpExtensionElement& element) {
  return element.id <= kOneByteIdMax && !element.data.empty() &&
         element.data.size() <= kOneByteDataMax;
}

}  // namespace

std::optional<RtpExtensionElement> RtpExtensionReader::next() {
  const bool one_byte = profile_ == kOneByteProfile;
  if (!one_byte && (profile_ & kTwoByteProfileMask) != kTwoByteProfile) return std::nullopt;
  while (in_.remaining() > 0) {
    const std::uint8_t first = in_.u8();
    if (first == 0) continue;  // padding
    const auto id = static_cast<std::uint8_t>(one_byte ? first >> 4 : first);
    if (one_byte && id == 15) return std::nullopt;  // stop here (RFC 8285 section 4.2)
    const std::size_t size = one_byte ? (first & 0x0FU) + 1U : in_.u8();
    const Bytes data = in_.take(size);
    if (!in_.ok()) return std::nullopt;
    if (id == 0) continue;  // one-byte padding with a length: its octets are skipped with it
    return RtpExtensionElement{id, data};
  }
  return std::nullopt;
}

void write_rtp_extensions(ByteWriter& out, std::span<const RtpExtensionElement> elements) {
  if (elements.empty()) return;
  const bool one_byte = std::ranges::all_of(elements, fits_one_byte);
  std::size_t size = 0;
  for (const RtpExtensionElement& element : elements)
    size += (one_byte ? 1 : 2) + element.data.size();
  const std::size_t padding = (4 - size % 4) % 4;

  out.u16(one_byte ? kOneByteProfile : kTwoByteProfile);
  out.u16(static_cast<std::uint16_t>((size + padding) / 4));
  for (const RtpExtensionElement& element : elements) {
    if (one_byte) {
      out.u8(static_cast<std::uint8_t>(unsigned{element.id} << 4 | (element.data.size() - 1)));
    } else {
      out.u8(element.id);
      out.u8(static_cast<std::uint8_t>(element.data.size()));
    }
    out.bytes(element.data);
  }
  for (std::size_t i = 0; i < padding; ++i) out.u8(0);
}

std::optional<RtpExtension> rtp_extension_of(std::string_view uri) {
  const auto found = std::ranges::find(kUris, uri);
  if (found == kUris.end()) return std::nullopt;
  return static_cast<RtpExtension>(found - kUris.begin());
}

std::string_view uri_of(RtpExtension extension) {
  return kUris[static_cast<std::size_t>(extension)];
}

bool RtpExtensionIds::set(RtpExtension extension, std::uint8_t id) {
  const auto index = static_cast<std::uint8_t>(extension);
  const bool is_free = extensions_[id] == kUnused || extensions_[id] == index;
  if (id == 0 || id == 15 || !is_free) return false;
  if (ids_[index] != 0) extensions_[ids_[index]] = kUnused;
  ids_[index] = id;
  extensions_[id] = index;
  return true;
}

std::optional<RtpExtension> RtpExtensionIds::extension_of(std::uint8_t id) const {
  if (extensions_[id] == kUnused) return std::nullopt;
  return static_cast<RtpExtension>(extensions_[id]);
}

RtpExtensionValues RtpExtensionValues::read(std::uint16_t profile, Bytes block,
                                            const RtpExtensionIds& ids) {
  RtpExtensionValues values;
  RtpExtensionReader reader(profile, block);
  while (const auto element = reader.next()) {
    const auto extension = ids.extension_of(element->id);
    if (!extension) continue;
    auto& value = values.values_[static_cast<std::size_t>(*extension)];
    if (!value) value = element->data;
  }
  return values;
}

}  // namespace rtc
