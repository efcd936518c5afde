#include "rtc/forward/dependency_layer_filter.hpp"

#include <utility>

namespace rtc {

namespace {

LayerTarget layers_of(const DependencyStructure& structure, std::size_t target) {
  return {.spatial = structure.target_spatial_layer[target],
          .temporal = structure.target_temporal_layer[target]};
}

bool is_within(const LayerTarget& layers, const LayerTarget& limit) {
  return layers.spatial <= limit.spatial && layers.temporal <= limit.temporal;
}

bool is_better(const LayerTarget& layers, const LayerTarget& than) {
  return std::pair(layers.spatial, layers.temporal) > std::pair(than.spatial, than.temporal);
}

}  // namespace

bool DependencyLayerFilter::went_out(std::int64_t frame) {
  const Decision& decision = decision_of(frame);
  return decision.frame == frame && decision.forwards;
}

// Whether the receiver can decode this frame, and from it on all of the decode target.
bool DependencyLayerFilter::can_begin(std::int64_t frame, const Packet& packet,
                                      std::size_t target) {
  const FrameDependencies& needs = packet.descriptor.frame;
  if (needs.indications[target] != DecodeTargetIndication::Switch) return false;
  for (std::size_t i = 0; i < needs.frame_diff_count; ++i) {
    if (!went_out(frame - needs.frame_diffs[i])) return false;
  }
  if (packet.structure.chain_count == 0) return true;
  const std::uint8_t back = needs.chain_diffs[packet.structure.protected_by[target]];
  return back == 0 || went_out(frame - back);
}

// Of those that are active, or nullopt where none is within what is asked for.
std::optional<std::size_t> DependencyLayerFilter::best_target(
    const DependencyStructure& structure) const {
  std::optional<std::size_t> best;
  for (std::size_t each = 0; each < structure.decode_target_count; ++each) {
    const bool is_active = (active_ >> each & 1U) != 0;
    const LayerTarget layers = layers_of(structure, each);
    if (!is_active || !is_within(layers, target_)) continue;
    if (!best || is_better(layers, layers_of(structure, *best))) best = each;
  }
  return best;
}

// Decode targets are counted anew: what is late from before cannot be judged any more.
void DependencyLayerFilter::begin_structure(std::int64_t frame) {
  current_.reset();
  previous_.reset();
  current_layers_.reset();
  switched_at_ = frame;
}

void DependencyLayerFilter::switch_target(std::int64_t frame, const Packet& packet) {
  const DependencyStructure& structure = packet.structure;
  const auto wanted = best_target(structure);
  if (wanted != wanted_ || packet.brings_structure) has_missed_ = false;
  wanted_ = wanted;
  may_go_up_ = wants_key_frame_ = false;
  if (!wanted || wanted == current_) return;
  std::optional<std::size_t> next;
  if (can_begin(frame, packet, *wanted)) next = wanted;
  // Anything is better than nothing.
  for (std::size_t each = 0; !current_ && !next && each < structure.decode_target_count; ++each) {
    const bool is_allowed = is_within(layers_of(structure, each), target_);
    if (is_allowed && can_begin(frame, packet, each)) next = each;
  }
  if (next) {
    previous_ = std::exchange(current_, next);
    switched_at_ = frame;
    current_layers_ = layers_of(structure, *next);
  }
  if (current_ == wanted) return;
  may_go_up_ = !current_ || layers_of(structure, *wanted).spatial > current_layers_->spatial;
  has_missed_ |= packet.descriptor.frame.indications[*wanted] == DecodeTargetIndication::Switch;
  wants_key_frame_ = may_go_up_ || has_missed_;
}

// The same for all packets of a frame.
bool DependencyLayerFilter::decide(std::int64_t frame, const Packet& packet) {
  Decision& decision = decision_of(frame);
  if (decision.frame == frame) return decision.forwards;
  const bool is_newest = !newest_ || frame > *newest_;
  if (is_newest) {
    newest_ = frame;
    if (packet.brings_structure) begin_structure(frame);
    if (packet.descriptor.active_decode_targets) {
      active_ = *packet.descriptor.active_decode_targets;
    }
    switch_target(frame, packet);
  }
  const auto& by = frame >= switched_at_ ? current_ : previous_;
  const bool forwards =
      by && packet.descriptor.frame.indications[*by] != DecodeTargetIndication::NotPresent;
  if (decision.frame < frame) decision = {.frame = frame, .forwards = forwards};
  return forwards;
}

// What the receiver is to know of, where it differs from what the packet says or said before.
std::optional<std::uint32_t> DependencyLayerFilter::active_targets(std::int64_t frame,
                                                                   const Packet& packet) const {
  const bool is_said = packet.brings_structure || packet.descriptor.active_decode_targets;
  if (!current_layers_ || !(is_said || frame == switched_at_)) return std::nullopt;
  std::uint32_t left = 0;
  for (std::size_t each = 0; each < packet.structure.decode_target_count; ++each) {
    if (is_within(layers_of(packet.structure, each), *current_layers_)) left |= 1U << each;
  }
  return left & active_;
}

LayerVerdict DependencyLayerFilter::on_packet(const Packet& packet) {
  const std::int64_t frame = frames_.unwrap(packet.descriptor.frame_number);
  if (!decide(frame, packet)) return {};
  const bool is_highest = packet.descriptor.frame.spatial_layer == current_layers_->spatial;
  return {
      .forwards = true,
      .ends_picture = is_highest && packet.descriptor.ends_frame && !packet.marker && !may_go_up_,
      .active_decode_targets = active_targets(frame, packet)};
}

}  // namespace rtc
