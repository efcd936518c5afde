#include "rtc/forward/vp8_layer_filter.hpp"

#include <algorithm>

namespace rtc {

void Vp8LayerFilter::set_target(const LayerTarget& target) {
  target_ = std::min<std::uint8_t>(target.temporal, kLayers - 1);
}

std::uint8_t Vp8LayerFilter::current() const {
  std::uint8_t highest = 0;
  while (highest + 1 < kLayers && layers_[highest + 1U].is_open()) ++highest;
  return highest;
}

void Vp8LayerFilter::begin_picture(std::int64_t picture) {
  for (std::size_t layer = target_ + 1U; layer < kLayers; ++layer) layers_[layer].close(picture);
}

// Of the pictures between the newest one and this: none is of the base, which TL0PICIDX counts, and
// none of the higher layers goes out there.
bool Vp8LayerFilter::misses_what_is_left_out(std::int64_t picture,
                                             const Vp8Descriptor& packet) const {
  if (!newest_base_ || !packet.tl0_picture_index || picture - *newest_ > kBasesMax) return false;
  const int own = packet.temporal_layer.value_or(0) == 0 ? 1 : 0;
  const auto bases = static_cast<std::uint8_t>(*packet.tl0_picture_index - *newest_base_ - own);
  return bases == 0 && std::none_of(layers_.begin() + 1, layers_.end(),
                                    [&](const auto& layer) { return layer.holds(picture - 1); });
}

LayerVerdict Vp8LayerFilter::on_packet(const Vp8Descriptor& packet) {
  const std::int64_t picture =
      numbers_.number_of(packet.picture_id, packet.has_long_picture_id, packet.starts_frame());
  bool closes_gap = false;
  if (!newest_ || picture > *newest_) {
    begin_picture(picture);
    closes_gap = misses_what_is_left_out(picture, packet);
    newest_ = picture;
    newest_base_ = packet.tl0_picture_index;
  }
  const std::size_t layer = packet.temporal_layer.value_or(0);
  // What is late changes nothing: frames that came before it were left out already.
  const bool is_newest = picture == *newest_;
  if (is_newest && packet.is_key_frame) {
    for (std::size_t each = 1; each <= target_; ++each) layers_[each].open(picture);
  }
  // One layer at a time: the next frame of this one may need the layer between.
  const bool joins = is_newest && packet.is_layer_sync && layer > 0 && layer <= target_ &&
                     layers_[layer - 1].is_open();
  if (joins) layers_[layer].open(picture);
  return {.forwards = layers_[layer].holds(picture), .closes_gap = closes_gap};
}

}  // namespace rtc
