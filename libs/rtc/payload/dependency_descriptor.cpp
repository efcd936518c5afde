#include "rtc/payload/dependency_descriptor.hpp"

#include <algorithm>

#include "rtc/payload/bit_reader.hpp"
#include "rtc/payload/bit_writer.hpp"

namespace rtc {

namespace {

constexpr std::uint8_t kSpatialLayersMax = 4;
constexpr std::uint8_t kTemporalLayersMax = 8;
constexpr unsigned kMandatoryBits = 24;  // appendix A.4, mandatory_descriptor_fields()
constexpr unsigned kFlagBits = 5;        // extended_descriptor_fields(): what follows

// Appendix A.4, template_layers(): each template says how its layers differ from the one before.
bool read_layers(BitReader& in, DependencyStructure& structure) {
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  for (;;) {
    if (structure.template_count == kTemplatesMax) return false;
    FrameDependencies& entry = structure.templates[structure.template_count++];
    entry.spatial_layer = spatial;
    entry.temporal_layer = temporal;
    const std::uint32_t next = in.bits(2);
    if (!in.ok()) return false;
    if (next == 3) return true;
    if (next == 1) ++temporal;
    if (next == 2) {
      ++spatial;
      temporal = 0;
    }
    if (spatial == kSpatialLayersMax || temporal == kTemporalLayersMax) return false;
  }
}

bool read_template_diffs(BitReader& in, FrameDependencies& entry) {
  while (in.flag()) {
    if (entry.frame_diff_count == kFrameDiffsMax) return false;
    entry.frame_diffs[entry.frame_diff_count++] = static_cast<std::uint16_t>(in.bits(4) + 1);
  }
  return in.ok();
}

void read_chains(BitReader& in, DependencyStructure& structure) {
  structure.chain_count = in.below(static_cast<std::uint32_t>(structure.decode_target_count) + 1);
  if (structure.chain_count == 0) return;
  for (std::size_t i = 0; i < structure.decode_target_count; ++i) {
    structure.protected_by[i] =
        static_cast<std::uint8_t>(in.below(static_cast<std::uint32_t>(structure.chain_count)));
  }
  for (std::size_t i = 0; i < structure.template_count; ++i) {
    for (std::size_t chain = 0; chain < structure.chain_count; ++chain) {
      structure.templates[i].chain_diffs[chain] = static_cast<std::uint8_t>(in.bits(4));
    }
  }
}

// A target's layers are the highest among the templates that are present in it.
void derive_target_layers(DependencyStructure& structure) {
  const auto templates = std::span(structure.templates).first(structure.template_count);
  for (std::size_t target = 0; target < structure.decode_target_count; ++target) {
    for (const FrameDependencies& entry : templates) {
      if (entry.indications[target] == DecodeTargetIndication::NotPresent) continue;
      auto& spatial = structure.target_spatial_layer[target];
      auto& temporal = structure.target_temporal_layer[target];
      spatial = std::max(spatial, entry.spatial_layer);
      temporal = std::max(temporal, entry.temporal_layer);
    }
  }
}

// Appendix A.4, template_dependency_structure(); null when it is broken.
std::unique_ptr<DependencyStructure> read_structure(BitReader& in) {
  auto structure = std::make_unique<DependencyStructure>();
  structure->template_id_offset = static_cast<std::uint8_t>(in.bits(6));
  structure->decode_target_count = in.bits(5) + 1;
  if (!read_layers(in, *structure)) return nullptr;
  const auto templates = std::span(structure->templates).first(structure->template_count);
  for (FrameDependencies& entry : templates) {
    for (std::size_t i = 0; i < structure->decode_target_count; ++i) {
      entry.indications[i] = static_cast<DecodeTargetIndication>(in.bits(2));
    }
  }
  for (FrameDependencies& entry : templates) {
    if (!read_template_diffs(in, entry)) return nullptr;
  }
  read_chains(in, *structure);
  derive_target_layers(*structure);
  const bool has_resolutions = in.flag();
  for (std::size_t i = 0; has_resolutions && i < structure->spatial_layer_count(); ++i) {
    structure->resolutions[i].width = static_cast<std::uint16_t>(in.bits(16) + 1);
    structure->resolutions[i].height = static_cast<std::uint16_t>(in.bits(16) + 1);
  }
  return in.ok() ? std::move(structure) : nullptr;
}

// What this frame has other than its template.
struct Custom {
  bool indications = false;
  bool frame_diffs = false;
  bool chain_diffs = false;
};

bool read_custom(BitReader& in, const DependencyStructure& structure, const Custom& custom,
                 FrameDependencies& frame) {
  if (custom.indications) {
    for (std::size_t i = 0; i < structure.decode_target_count; ++i) {
      frame.indications[i] = static_cast<DecodeTargetIndication>(in.bits(2));
    }
  }
  if (custom.frame_diffs) {
    frame.frame_diff_count = 0;
    for (unsigned nibbles = in.bits(2); nibbles != 0; nibbles = in.bits(2)) {
      if (frame.frame_diff_count == kFrameDiffsMax) return false;
      frame.frame_diffs[frame.frame_diff_count++] =
          static_cast<std::uint16_t>(in.bits(nibbles * 4) + 1);
    }
  }
  if (custom.chain_diffs) {
    for (std::size_t i = 0; i < structure.chain_count; ++i) {
      frame.chain_diffs[i] = static_cast<std::uint8_t>(in.bits(8));
    }
  }
  return true;
}

}  // namespace

std::uint8_t DependencyStructure::spatial_layer_count() const {
  // Templates are in the order of their spatial layers.
  return template_count == 0
             ? std::uint8_t{0}
             : static_cast<std::uint8_t>(templates[template_count - 1].spatial_layer + 1);
}

std::expected<DependencyDescriptor, DependencyError> DependencyDescriptor::parse(
    Bytes data, const DependencyStructure* known) {
  BitReader in(data);
  DependencyDescriptor descriptor;
  descriptor.starts_frame = in.flag();
  descriptor.ends_frame = in.flag();
  descriptor.template_id = static_cast<std::uint8_t>(in.bits(6));
  descriptor.frame_number = static_cast<std::uint16_t>(in.bits(16));
  if (!in.ok()) return std::unexpected(DependencyError::TooShort);

  Custom custom;
  if (in.remaining() > 0) {
    const bool has_structure = in.flag();
    const bool has_active_targets = in.flag();
    custom.indications = in.flag();
    custom.frame_diffs = in.flag();
    custom.chain_diffs = in.flag();
    if (has_structure) {
      descriptor.structure = read_structure(in);
      if (!descriptor.structure) return std::unexpected(DependencyError::BadStructure);
      known = descriptor.structure.get();
      // All targets of a new structure are active until the packet says otherwise.
      descriptor.active_decode_targets =
          static_cast<std::uint32_t>((std::uint64_t{1} << known->decode_target_count) - 1);
    }
    if (has_active_targets && known == nullptr)
      return std::unexpected(DependencyError::NoStructure);
    descriptor.active_offset_ = data.size() * 8 - in.remaining();
    descriptor.has_active_field_ = has_active_targets;
    if (has_active_targets) {
      descriptor.active_decode_targets = in.bits(static_cast<unsigned>(known->decode_target_count));
    }
  }
  if (known == nullptr) return std::unexpected(DependencyError::NoStructure);
  descriptor.active_bits_ = known->decode_target_count;

  const std::size_t index =
      (descriptor.template_id + kTemplatesMax - known->template_id_offset) % kTemplatesMax;
  if (index >= known->template_count) return std::unexpected(DependencyError::UnknownTemplate);
  descriptor.frame = known->templates[index];
  if (!read_custom(in, *known, custom, descriptor.frame)) {
    return std::unexpected(DependencyError::BadStructure);
  }
  if (!in.ok()) return std::unexpected(DependencyError::TooShort);
  return descriptor;
}

Bytes DependencyDescriptor::write_active(Bytes data, std::uint32_t active,
                                         MutableBytes buffer) const {
  constexpr std::size_t kFlags = kMandatoryBits + kFlagBits;
  BitReader in(data);
  BitWriter out(buffer);
  out.copy(in, kMandatoryBits);
  const bool is_extended = active_offset_ != 0;
  // Of the five flags the second says that the field is there.
  const std::uint32_t flags = is_extended ? in.bits(kFlagBits) : 0;
  out.bits(flags | 0b01000U, kFlagBits);
  if (is_extended) out.copy(in, active_offset_ - kFlags);
  if (has_active_field_) in.bits(static_cast<unsigned>(active_bits_));
  out.bits(active, static_cast<unsigned>(active_bits_));
  out.copy(in, in.remaining());
  return in.ok() ? out.written() : Bytes{};
}

}  // namespace rtc
