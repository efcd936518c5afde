#include "rtc/payload/vp9_descriptor.hpp"

namespace rtc {

namespace {

// Bits of the first octet: I P L F B E V Z.
constexpr unsigned kPictureId = 0x80;
constexpr unsigned kInterPicture = 0x40;
constexpr unsigned kLayers = 0x20;
constexpr unsigned kFlexible = 0x10;
constexpr unsigned kStart = 0x08;
constexpr unsigned kEnd = 0x04;
constexpr unsigned kStructure = 0x02;
constexpr unsigned kNotUpperReference = 0x01;

}  // namespace

// Up to three octets, each of which says whether another follows. False when a fourth is announced.
bool Vp9Descriptor::read_references(ByteReader& in) {
  for (bool more = true; more && in.ok();) {
    if (reference_count == kReferencesMax) return false;
    const unsigned octet = in.u8();
    reference_differences[reference_count++] = static_cast<std::uint8_t>(octet >> 1);
    more = (octet & 1U) != 0;
  }
  return true;
}

// The scalability structure: only the number of layers is kept.
void Vp9Descriptor::read_structure(ByteReader& in) {
  const unsigned head = in.u8();
  const auto layers = static_cast<std::uint8_t>((head >> 5) + 1);
  spatial_layers = layers;
  const bool has_resolutions = (head & 0x10U) != 0;
  const bool has_group = (head & 0x08U) != 0;
  if (has_resolutions) in.take(std::size_t{layers} * 4);
  if (!has_group) return;
  const unsigned pictures = in.u8();
  for (unsigned i = 0; i < pictures && in.ok(); ++i) {
    const std::size_t references = in.u8() >> 2 & 3U;
    in.take(references);
  }
}

std::optional<Vp9Descriptor> Vp9Descriptor::parse(Bytes payload) {
  ByteReader in(payload);
  const auto position = [&] { return payload.size() - in.remaining(); };
  Vp9Descriptor descriptor;
  const unsigned first = in.u8();
  descriptor.is_inter_picture = (first & kInterPicture) != 0;
  descriptor.is_flexible = (first & kFlexible) != 0;
  descriptor.starts_frame = (first & kStart) != 0;
  descriptor.ends_frame = (first & kEnd) != 0;
  descriptor.is_upper_reference = (first & kNotUpperReference) == 0;
  descriptor.has_layers = (first & kLayers) != 0;

  if ((first & kPictureId) != 0) {
    descriptor.picture_id_offset_ = position();
    const unsigned high = in.u8();
    descriptor.has_long_picture_id = (high & 0x80U) != 0;
    descriptor.picture_id = static_cast<std::uint16_t>(
        descriptor.has_long_picture_id ? (high & 0x7FU) << 8 | in.u8() : high);
  }
  if (descriptor.has_layers) {
    const unsigned layer = in.u8();
    descriptor.temporal_layer = static_cast<std::uint8_t>(layer >> 5);
    descriptor.is_switching_up_point = (layer & 0x10U) != 0;
    descriptor.spatial_layer = static_cast<std::uint8_t>(layer >> 1 & 7U);
    descriptor.is_inter_layer = (layer & 1U) != 0;
    if (!descriptor.is_flexible) {
      descriptor.tl0_offset_ = position();
      descriptor.tl0_picture_index = in.u8();
    }
  }
  const bool names_references = descriptor.is_flexible && descriptor.is_inter_picture;
  if (names_references && !descriptor.read_references(in)) return std::nullopt;
  if ((first & kStructure) != 0) descriptor.read_structure(in);
  descriptor.size = position();
  if (!in.ok() || in.remaining() == 0) return std::nullopt;
  return descriptor;
}

void Vp9Descriptor::rewrite(MutableBytes payload, std::uint16_t new_picture_id,
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
