// A stream of dependency descriptors, each led by its size: structures change under way. What is
// accepted goes through a filter of layers, and is written again.
#include <array>
#include <cstdlib>
#include <utility>

#include "rtc/forward/dependency_layer_filter.hpp"
#include "rtc/payload/dependency_descriptor.hpp"

namespace {

bool survives_rewriting(Bytes element, const rtc::DependencyDescriptor& descriptor,
                        const rtc::DependencyStructure* known) {
  std::array<std::uint8_t, 300> buffer;
  const Bytes written = descriptor.write_active(element, 1, buffer);
  const auto again = rtc::DependencyDescriptor::parse(written, known);
  return again && again->active_decode_targets == 1U &&
         again->frame.frame_diffs == descriptor.frame.frame_diffs &&
         again->frame.chain_diffs == descriptor.frame.chain_diffs;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in(Bytes(data, size));
  std::unique_ptr<rtc::DependencyStructure> structure;
  rtc::DependencyLayerFilter filter;
  while (in.remaining() > 0) {
    const std::size_t length = in.u8();
    const Bytes element = in.take(std::min(length, in.remaining()));
    auto descriptor = rtc::DependencyDescriptor::parse(element, structure.get());
    if (!descriptor) continue;
    if (!survives_rewriting(element, *descriptor, structure.get())) std::abort();
    const bool brings_structure = descriptor->structure != nullptr;
    if (brings_structure) structure = std::move(descriptor->structure);
    const bool is_sound = structure && structure->template_count <= rtc::kTemplatesMax &&
                          structure->decode_target_count <= rtc::kDecodeTargetsMax &&
                          structure->chain_count <= structure->decode_target_count &&
                          descriptor->frame.frame_diff_count <= rtc::kFrameDiffsMax &&
                          descriptor->frame.spatial_layer < 4 &&
                          descriptor->frame.temporal_layer < 8;
    if (!is_sound) std::abort();
    filter.set_target({.spatial = static_cast<std::uint8_t>(length & 3U),
                       .temporal = static_cast<std::uint8_t>(length >> 2 & 7U)});
    filter.on_packet({.descriptor = *descriptor,
                      .structure = *structure,
                      .brings_structure = brings_structure,
                      .marker = (length & 0x20U) != 0});
  }
  return 0;
}
