#include "rtc/payload/vp8_descriptor.hpp"

namespace rtc {

namespace {

// Bits of the first octet.
constexpr unsigned kExtended = 0x80;
constexpr unsigned kNonReference = 0x20;
constexpr unsigned kStart = 0x10;
constexpr unsigned kPartition = 0x07;
// Bits of the extension octet.
constexpr unsigned kPictureId = 0x80;
constexpr unsigned kTl0 = 0x40;
constexpr unsigned kTid = 0x20;
constexpr unsigned kKeyIndex = 0x10;
// Of the frame's own first octet: zero for a key frame (RFC 6386 section 9.1).
constexpr unsigned kInterFrame = 0x01;

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::parse(Bytes payload) {
  ByteReader in(payload);
  const auto position = [&] { return payload.size() - in.remaining(); };
  Vp8Descriptor descriptor;
  const unsigned first = in.u8();
  descriptor.is_reference = (first & kNonReference) == 0;
  descriptor.starts_partition = (first & kStart) != 0;
  descriptor.partition = static_cast<std::uint8_t>(first & kPartition);
  const unsigned extension = (first & kExtended) != 0 ? in.u8() : 0U;

  if ((extension & kPictureId) != 0) {
    descriptor.picture_id_offset_ = position();
    const unsigned high = in.u8();
    descriptor.has_long_picture_id = (high & 0x80U) != 0;
    descriptor.picture_id = static_cast<std::uint16_t>(
        descriptor.has_long_picture_id ? (high & 0x7FU) << 8 | in.u8() : high);
  }
  if ((extension & kTl0) != 0) {
    descriptor.tl0_offset_ = position();
    descriptor.tl0_picture_index = in.u8();
  }
  if ((extension & (kTid | kKeyIndex)) != 0) {
    const unsigned octet = in.u8();
    if ((extension & kTid) != 0) {
      descriptor.temporal_layer = static_cast<std::uint8_t>(octet >> 6);
      descriptor.is_layer_sync = (octet & 0x20U) != 0;
    }
    if ((extension & kKeyIndex) != 0) {
      descriptor.key_index = static_cast<std::uint8_t>(octet & 0x1FU);
    }
  }
  descriptor.size = position();
  if (!in.ok() || in.remaining() == 0) return std::nullopt;
  descriptor.is_key_frame = descriptor.starts_frame() && (in.u8() & kInterFrame) == 0;
  return descriptor;
}

void Vp8Descriptor::rewrite(MutableBytes payload, std::uint16_t new_picture_id,
                            std::uint8_t new_tl0) const {
  if (picture_id && has_long_picture_id) {
    ByteWriter(payload.subspan(picture_id_offset_))
        .u16(static_cast<std::uint16_t>(new_picture_id | 0x8000U));
  } else if (picture_id) {
    payload[picture_id_offset_] = static_cast<std::uint8_t>(new_picture_id & 0x7FU);
  }
  if (tl0_picture_index) payload[tl0_offset_] = new_tl0;
}

}  // namespace rtc
