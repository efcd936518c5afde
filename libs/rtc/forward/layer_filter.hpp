// Which packets of a layered stream a receiver gets: one face for all codecs.
#pragma once

#include <cstdint>
#include <variant>

#include "rtc/forward/dependency_layer_filter.hpp"
#include "rtc/forward/layer_target.hpp"
#include "rtc/forward/vp8_layer_filter.hpp"
#include "rtc/forward/vp9_layer_filter.hpp"

namespace rtc {

// By what a stream's layers are told apart.
enum class LayersBy : std::uint8_t {
  Nothing,  // everything goes out
  Vp8,
  Vp9,
  Dependencies,  // of any codec, H264 and AV1 too, where its sender describes them
};

// What is known of a packet; what a filter needs and does not find lets the packet through.
struct LayeredPacket {
  bool marker = false;
  const Vp8Descriptor* vp8 = nullptr;
  const Vp9Descriptor* vp9 = nullptr;
  const DependencyDescriptor* dependencies = nullptr;
  const DependencyStructure* structure = nullptr;  // by which `dependencies` was read
  bool brings_structure = false;
};

// One a stream of one receiver, from a key frame on.
class LayerFilter {
 public:
  explicit LayerFilter(LayersBy by);

  // Takes effect where the stream allows it: the lower layers at the next picture, the higher ones
  // at a switch point or key frame.
  void set_target(const LayerTarget& target);
  LayerVerdict on_packet(const LayeredPacket& packet);
  // The highest layers that go out; more than there are means all.
  LayerTarget current() const;
  // Nothing but a key frame brings what is wanted, as far as the packets so far tell.
  bool wants_key_frame() const;
  // The next packet is of another source, or comes after a pause: it begins with a key frame.
  void change_source();

 private:
  LayersBy by_;
  LayerTarget target_;
  std::variant<std::monostate, Vp8LayerFilter, Vp9LayerFilter, DependencyLayerFilter> filter_;
};

}  // namespace rtc
