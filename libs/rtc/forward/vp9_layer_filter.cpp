#include "rtc/forward/vp9_layer_filter.hpp"

namespace rtc {

void Vp9LayerFilter::set_target(const LayerTarget& target) {
  target_.spatial = std::min<std::uint8_t>(target.spatial, kLayers - 1);
  target_.temporal = std::min<std::uint8_t>(target.temporal, kLayers - 1);
}

std::uint8_t Vp9LayerFilter::highest_open(const Spans& spans) {
  std::uint8_t highest = 0;
  while (highest + 1 < kLayers && spans[highest + 1U].is_open()) ++highest;
  return highest;
}

LayerTarget Vp9LayerFilter::current() const {
  return {.spatial = std::min(highest_open(spatial_), highest_seen_),
          .temporal = highest_open(temporal_)};
}

bool Vp9LayerFilter::wants_key_frame() const {
  return highest_open(spatial_) < std::min(target_.spatial, highest_seen_);
}

void Vp9LayerFilter::begin_picture(std::int64_t picture) {
  newest_ = picture;
  for (std::size_t each = target_.spatial + 1U; each < kLayers; ++each) {
    spatial_[each].close(picture);
  }
  for (std::size_t each = target_.temporal + 1U; each < kLayers; ++each) {
    temporal_[each].close(picture);
  }
}

// Takes layers in where the packet allows it. It is of the newest picture.
void Vp9LayerFilter::join(std::int64_t picture, const Vp9Descriptor& packet) {
  if (packet.is_key_frame()) {
    // No layer of this picture needs an earlier one.
    highest_seen_ = 0;
    for (std::size_t each = 1; each <= target_.spatial; ++each) spatial_[each].open(picture);
    for (std::size_t each = 1; each <= target_.temporal; ++each) temporal_[each].open(picture);
  }
  highest_seen_ = std::max(highest_seen_, packet.spatial_layer);
  if (!temporal_[packet.temporal_layer].holds(picture)) return;
  const std::size_t spatial = packet.spatial_layer;
  const bool joins = spatial > 0 && spatial <= target_.spatial && !packet.is_inter_picture &&
                     spatial_[spatial - 1].is_open();
  if (joins) spatial_[spatial].open(picture);
  // Higher temporal layers of later pictures need nothing of theirs from before this one.
  if (!packet.is_switching_up_point) return;
  for (std::size_t each = packet.temporal_layer + 1U; each <= target_.temporal; ++each) {
    temporal_[each].open(picture + 1);
  }
}

bool Vp9LayerFilter::ends_picture(std::int64_t picture, const Vp9Descriptor& packet) const {
  // While a layer may still be taken in within the picture, its end is not known.
  if (!packet.ends_frame || wants_key_frame()) return false;
  for (std::size_t each = packet.spatial_layer + 1U; each < kLayers; ++each) {
    if (spatial_[each].holds(picture)) return false;
  }
  return true;
}

LayerVerdict Vp9LayerFilter::on_packet(const Vp9Descriptor& packet, bool marker) {
  if (!packet.has_layers) return {.forwards = true};
  const bool starts_picture = packet.starts_frame && packet.spatial_layer == 0;
  const std::int64_t picture =
      numbers_.number_of(packet.picture_id, packet.has_long_picture_id, starts_picture);
  if (!newest_ || picture > *newest_) begin_picture(picture);
  // What is late changes nothing: packets that came before it were left out already.
  if (picture == *newest_) join(picture, packet);
  const bool forwards = spatial_[packet.spatial_layer].holds(picture) &&
                        temporal_[packet.temporal_layer].holds(picture);
  return {.forwards = forwards,
          .ends_picture = forwards && !marker && ends_picture(picture, packet)};
}

}  // namespace rtc
