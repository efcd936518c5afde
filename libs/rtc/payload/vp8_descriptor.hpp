// The payload descriptor of VP8 (RFC 7741 section 4.2) and the little of the frame that forwarding
// needs to know.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace rtc {

struct Vp8Descriptor {
  bool is_reference = true;  // false: no other frame needs this one
  bool starts_partition = false;
  std::uint8_t partition = 0;               // 0 to 7
  std::optional<std::uint16_t> picture_id;  // 7 or 15 bits
  bool has_long_picture_id = false;
  std::optional<std::uint8_t> tl0_picture_index;
  std::optional<std::uint8_t> temporal_layer;  // 0 to 3
  bool is_layer_sync = false;             // depends on the base layer alone: a place to switch up
  std::optional<std::uint8_t> key_index;  // 5 bits
  std::size_t size = 0;                   // octets, before the frame's own
  bool is_key_frame = false;              // known at the start of the first partition, else false

  bool starts_frame() const { return starts_partition && partition == 0; }

  // nullopt for one that is cut short, or holds nothing after the descriptor.
  static std::optional<Vp8Descriptor> parse(Bytes payload);

  // Puts other numbers in the place of those that are there; a field that is absent stays absent,
  // and a short picture id stays short. `payload` is what parse() read.
  void rewrite(MutableBytes payload, std::uint16_t new_picture_id, std::uint8_t new_tl0) const;

 private:
  std::size_t picture_id_offset_ = 0;
  std::size_t tl0_offset_ = 0;
};

}  // namespace rtc
