// Layers of any codec by the dependency descriptor: which frames a receiver gets (AV1 RTP payload
// format, version 1.0, appendix A).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "rtc/forward/layer_target.hpp"
#include "rtc/payload/dependency_descriptor.hpp"

namespace rtc {

// Forwards the frames of one decode target, the best within what is asked for and active. Goes over
// to another only at a frame that says one may begin there ("switch indication"), where the
// receiver has all that this frame and the target's chain need. Frame numbers keep their distances.
class DependencyLayerFilter {
 public:
  void set_target(const LayerTarget& target) { target_ = target; }

  struct Packet {
    const DependencyDescriptor& descriptor;
    const DependencyStructure& structure;  // by which the descriptor was read
    bool brings_structure = false;         // the structure came with this packet
    bool marker = false;                   // the packet's own
  };

  LayerVerdict on_packet(const Packet& packet);
  // The layers of the decode target that goes out; nullopt before the first.
  std::optional<LayerTarget> current() const { return current_layers_; }
  // The wanted decode target cannot be reached, as far as is known, but by a key frame.
  bool wants_key_frame() const { return wants_key_frame_; }

 private:
  // Frame numbers that references are looked up in: chains reach back by 255 at most.
  static constexpr std::int64_t kHistory = 256;

  struct Decision {
    std::int64_t frame = -1;
    bool forwards = false;
  };

  Decision& decision_of(std::int64_t frame) {
    return decisions_[static_cast<std::size_t>(frame & (kHistory - 1))];
  }
  bool went_out(std::int64_t frame);
  bool can_begin(std::int64_t frame, const Packet& packet, std::size_t target);
  std::optional<std::size_t> best_target(const DependencyStructure& structure) const;
  void begin_structure(std::int64_t frame);
  void switch_target(std::int64_t frame, const Packet& packet);
  bool decide(std::int64_t frame, const Packet& packet);
  std::optional<std::uint32_t> active_targets(std::int64_t frame, const Packet& packet) const;

  LayerTarget target_;
  Unwrapper<16> frames_;
  std::optional<std::int64_t> newest_;
  std::uint32_t active_ = ~0U;
  std::optional<std::size_t> current_;   // decode target
  std::optional<std::size_t> previous_;  // of frames before switched_at_
  std::int64_t switched_at_ = 0;
  std::optional<LayerTarget> current_layers_;
  std::optional<std::size_t> wanted_;  // decode target
  bool has_missed_ = false;            // a place to switch to it, for want of what that needs
  bool wants_key_frame_ = true;
  bool may_go_up_ = false;  // to a higher spatial layer, within this picture
  std::array<Decision, kHistory> decisions_{};
};

}  // namespace rtc
