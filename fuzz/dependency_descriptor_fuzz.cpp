// A stream of dependency descriptors, each led by its size: structures change under way.
#include <cstdlib>
#include <utility>

#include "rtc/payload/dependency_descriptor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in(Bytes(data, size));
  std::unique_ptr<rtc::DependencyStructure> structure;
  while (in.remaining() > 0) {
    const std::size_t length = in.u8();
    const Bytes element = in.take(std::min(length, in.remaining()));
    auto descriptor = rtc::DependencyDescriptor::parse(element, structure.get());
    if (!descriptor) continue;
    if (descriptor->structure) structure = std::move(descriptor->structure);
    const bool is_sound = structure && structure->template_count <= rtc::kTemplatesMax &&
                          structure->decode_target_count <= rtc::kDecodeTargetsMax &&
                          structure->chain_count <= structure->decode_target_count &&
                          descriptor->frame.frame_diff_count <= rtc::kFrameDiffsMax &&
                          descriptor->frame.spatial_layer < 4 &&
                          descriptor->frame.temporal_layer < 8;
    if (!is_sound) std::abort();
  }
  return 0;
}
