// Spatial and temporal layers of VP9: which packets of a stream a receiver gets (RFC 9628).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "rtc/forward/layer_target.hpp"
#include "rtc/payload/vp9_descriptor.hpp"

namespace rtc {

// Works the same in the flexible and the non-flexible mode, and where only key pictures predict one
// spatial layer from another: all layers up to the wanted one go out, so that going down needs
// nothing. Picture ids keep their distances, as references are counted in them.
class Vp9LayerFilter {
 public:
  void set_target(const LayerTarget& target);
  // `marker` is the packet's own.
  LayerVerdict on_packet(const Vp9Descriptor& packet, bool marker);
  // The highest layers that go out.
  LayerTarget current() const;
  // A spatial layer that the stream has is wanted, and nothing but a key picture may bring it.
  bool wants_key_frame() const;

 private:
  static constexpr std::uint8_t kLayers = 8;
  using Spans = std::array<LayerSpan, kLayers>;

  static std::uint8_t highest_open(const Spans& spans);
  void begin_picture(std::int64_t picture);
  void join(std::int64_t picture, const Vp9Descriptor& packet);
  bool ends_picture(std::int64_t picture, const Vp9Descriptor& packet) const;

  LayerTarget target_;
  PictureNumbers numbers_;
  std::optional<std::int64_t> newest_;
  std::uint8_t highest_seen_ = 0;  // spatial layer, since the last key picture
  Spans spatial_{LayerSpan::always()};
  Spans temporal_{LayerSpan::always()};
};

}  // namespace rtc
