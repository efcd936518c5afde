// The payload descriptor of VP9 (RFC 9628 section 4.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace rtc {

struct Vp9Descriptor {
  static constexpr std::size_t kReferencesMax = 3;

  std::optional<std::uint16_t> picture_id;  // 7 or 15 bits
  bool has_long_picture_id = false;
  bool is_inter_picture = false;  // predicted from earlier pictures
  bool is_flexible = false;       // names its references; else they follow the group's structure
  bool starts_frame = false;
  bool ends_frame = false;
  bool is_upper_reference = true;  // false: no higher spatial layer of the picture needs it
  bool has_layers = false;
  std::uint8_t temporal_layer = 0;     // 0 to 7
  bool is_switching_up_point = false;  // higher temporal layers may begin after this frame
  std::uint8_t spatial_layer = 0;      // 0 to 7
  bool is_inter_layer = false;         // predicted from the spatial layer below
  std::optional<std::uint8_t> tl0_picture_index;                     // in the non-flexible mode
  std::array<std::uint8_t, kReferencesMax> reference_differences{};  // picture ids back; flexible
  std::size_t reference_count = 0;
  std::optional<std::uint8_t> spatial_layers;  // how many there are, where the structure says so
  std::size_t size = 0;                        // octets, before the frame's own

  // The start of a picture that needs nothing before it, in its lowest spatial layer.
  bool is_key_frame() const {
    return !is_inter_picture && starts_frame && spatial_layer == 0 && !is_inter_layer;
  }

  // nullopt for one that is cut short, or holds nothing after the descriptor.
  static std::optional<Vp9Descriptor> parse(Bytes payload);

  // As Vp8Descriptor::rewrite().
  void rewrite(MutableBytes payload, std::uint16_t new_picture_id, std::uint8_t new_tl0) const;

 private:
  bool read_references(ByteReader& in);
  void read_structure(ByteReader& in);

  std::size_t picture_id_offset_ = 0;
  std::size_t tl0_offset_ = 0;
};

}  // namespace rtc
