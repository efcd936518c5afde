// The dependency descriptor: which frame belongs to which layer and needs which others, readable
// without the codec (AV1 RTP payload format, version 1.0, appendix A).
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace rtc {

inline constexpr std::size_t kDecodeTargetsMax = 32;
inline constexpr std::size_t kTemplatesMax = 64;
inline constexpr std::size_t kChainsMax = 32;
inline constexpr std::size_t kFrameDiffsMax = 8;  // AV1 has 7 references; more are refused

// How a frame stands to a decode target (appendix A.8.3).
enum class DecodeTargetIndication : std::uint8_t {
  NotPresent = 0,   // the target does without it
  Discardable = 1,  // of the target, and no later frame of the target needs it
  Switch = 2,       // of the target, and one may begin with it
  Required = 3,
};

// The dependencies of one frame, or of the many that a template stands for.
struct FrameDependencies {
  std::uint8_t spatial_layer = 0;   // 0 to 3
  std::uint8_t temporal_layer = 0;  // 0 to 7
  std::array<DecodeTargetIndication, kDecodeTargetsMax> indications{};
  std::array<std::uint16_t, kFrameDiffsMax> frame_diffs{};  // frame numbers back
  std::size_t frame_diff_count = 0;
  std::array<std::uint8_t, kChainsMax> chain_diffs{};  // frame numbers back; 0: the chain begins
};

struct Resolution {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
};

// What the frames of one coded video sequence have in common; sent with its key frames. About
// 8 KB: one a stream, kept on the heap, never one a packet.
struct DependencyStructure {
  std::uint8_t template_id_offset = 0;  // 6 bits
  std::size_t decode_target_count = 0;  // 1 to kDecodeTargetsMax
  std::size_t chain_count = 0;
  std::size_t template_count = 0;
  std::array<FrameDependencies, kTemplatesMax> templates;
  std::array<std::uint8_t, kDecodeTargetsMax> protected_by{};  // the chain of each decode target
  // The highest layers of each decode target (appendix A.8.3.2).
  std::array<std::uint8_t, kDecodeTargetsMax> target_spatial_layer{};
  std::array<std::uint8_t, kDecodeTargetsMax> target_temporal_layer{};
  std::array<Resolution, 4> resolutions{};  // of each spatial layer; zeros where not told

  std::uint8_t spatial_layer_count() const;
};

enum class DependencyError : std::uint8_t {
  TooShort,         // fields run over the end
  BadStructure,     // more templates, layers or references than there may be
  NoStructure,      // refers to a structure that was not seen
  UnknownTemplate,  // refers to a template that the structure does not have
};

struct DependencyDescriptor {
  bool starts_frame = false;
  bool ends_frame = false;
  std::uint8_t template_id = 0;                        // 6 bits
  std::uint16_t frame_number = 0;                      // wraps
  std::unique_ptr<DependencyStructure> structure;      // where the packet brings a new one
  std::optional<std::uint32_t> active_decode_targets;  // bit i: target i, where the packet tells
  FrameDependencies frame;

  // `known` is the last structure of the stream, or null before the first. A descriptor that
  // brings a structure is read by that. Allocates only for a new structure.
  static std::expected<DependencyDescriptor, DependencyError> parse(
      Bytes data, const DependencyStructure* known);

  // Writes the descriptor that parse() read from `data` again, with these decode targets named as
  // active. Empty when `buffer` is too small: at most 5 octets are added.
  Bytes write_active(Bytes data, std::uint32_t active, MutableBytes buffer) const;

 private:
  std::size_t active_offset_ = 0;  // bits, of the field or of where it would be; 0: no such place
  std::size_t active_bits_ = 0;    // of the field: one a decode target
  bool has_active_field_ = false;
};

}  // namespace rtc
