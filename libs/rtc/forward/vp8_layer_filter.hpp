// Temporal layers of VP8: which frames of a stream a receiver gets (RFC 7741 section 4.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "rtc/forward/layer_target.hpp"
#include "rtc/payload/vp8_descriptor.hpp"

namespace rtc {

// Leaves layers out from the next frame on; takes one in where a frame of it says that it needs the
// base layer alone (Y), or at a key frame. Frames without a layer are of the base, which is always
// forwarded. The picture ids of what is left out are to be closed, as nothing refers to them.
//
// What is missing may be of a layer that is left out, and come when its id can no longer be closed.
// So it says beforehand where nothing but such pictures is missing. Where some of them may be
// wanted the ids are kept, as a picture whose id was closed could not go out any more; then a gap
// remains.
class Vp8LayerFilter {
 public:
  void set_target(const LayerTarget& target);
  LayerVerdict on_packet(const Vp8Descriptor& packet);
  // The highest layer that goes out.
  std::uint8_t current() const;

 private:
  static constexpr std::uint8_t kLayers = 4;
  static constexpr std::int64_t kBasesMax = 255;  // that TL0PICIDX tells apart

  void begin_picture(std::int64_t picture);
  bool misses_what_is_left_out(std::int64_t picture, const Vp8Descriptor& packet) const;

  std::uint8_t target_ = kLayers - 1;
  PictureNumbers numbers_;
  std::optional<std::int64_t> newest_;
  std::optional<std::uint8_t> newest_base_;  // TL0PICIDX of the newest picture
  std::array<LayerSpan, kLayers> layers_{LayerSpan::always()};
};

}  // namespace rtc
