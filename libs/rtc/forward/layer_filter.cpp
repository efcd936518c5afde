#include "rtc/forward/layer_filter.hpp"

namespace rtc {

LayerFilter::LayerFilter(LayersBy by) : by_(by) { change_source(); }

void LayerFilter::change_source() {
  switch (by_) {
    case LayersBy::Nothing:
      break;
    case LayersBy::Vp8:
      filter_.emplace<Vp8LayerFilter>();
      break;
    case LayersBy::Vp9:
      filter_.emplace<Vp9LayerFilter>();
      break;
    case LayersBy::Dependencies:
      filter_.emplace<DependencyLayerFilter>();
      break;
  }
  set_target(target_);
}

void LayerFilter::set_target(const LayerTarget& target) {
  target_ = target;
  if (auto* vp8 = std::get_if<Vp8LayerFilter>(&filter_)) vp8->set_target(target);
  if (auto* vp9 = std::get_if<Vp9LayerFilter>(&filter_)) vp9->set_target(target);
  if (auto* any = std::get_if<DependencyLayerFilter>(&filter_)) any->set_target(target);
}

LayerVerdict LayerFilter::on_packet(const LayeredPacket& packet) {
  if (auto* vp8 = std::get_if<Vp8LayerFilter>(&filter_); vp8 && packet.vp8) {
    return vp8->on_packet(*packet.vp8);
  }
  if (auto* vp9 = std::get_if<Vp9LayerFilter>(&filter_); vp9 && packet.vp9) {
    return vp9->on_packet(*packet.vp9, packet.marker);
  }
  auto* const any = std::get_if<DependencyLayerFilter>(&filter_);
  if (any && packet.dependencies && packet.structure) {
    return any->on_packet({.descriptor = *packet.dependencies,
                           .structure = *packet.structure,
                           .brings_structure = packet.brings_structure,
                           .marker = packet.marker});
  }
  return {.forwards = true};
}

LayerTarget LayerFilter::current() const {
  if (const auto* vp8 = std::get_if<Vp8LayerFilter>(&filter_)) return {.temporal = vp8->current()};
  if (const auto* vp9 = std::get_if<Vp9LayerFilter>(&filter_)) return vp9->current();
  const auto* const any = std::get_if<DependencyLayerFilter>(&filter_);
  return any == nullptr ? LayerTarget{} : any->current().value_or(LayerTarget{});
}

bool LayerFilter::wants_key_frame() const {
  if (const auto* vp9 = std::get_if<Vp9LayerFilter>(&filter_)) return vp9->wants_key_frame();
  const auto* const any = std::get_if<DependencyLayerFilter>(&filter_);
  return any != nullptr && any->wants_key_frame();
}

}  // namespace rtc
