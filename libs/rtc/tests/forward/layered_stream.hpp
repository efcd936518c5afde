// A layered encoder and what a decoder can make of what is left of its stream.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "rtc/payload/dependency_descriptor.hpp"

namespace rtc::testing {

struct LayeredOptions {
  int spatial_layers = 3;
  bool only_key_predicts_layers = false;  // k-SVC
};

// A frame: one spatial layer of one picture. Temporal layers come in groups of four pictures: 0, 2,
// 1, 2. In every other group the layers 1 and 2 need earlier pictures of their own layer, so that
// nobody may begin with them there.
struct Frame {
  std::int64_t number = 0;
  std::int64_t picture = 0;
  int spatial = 0;
  int temporal = 0;
  bool is_key_picture = false;
  bool is_sync = false;             // needs temporal layer 0 alone (VP8: Y)
  bool is_up_switch = false;        // higher temporal layers may begin after it (VP9: U)
  bool is_last = false;             // of its picture
  std::vector<std::int64_t> needs;  // numbers of frames
};

class LayeredEncoder {
 public:
  explicit LayeredEncoder(const LayeredOptions& options) : options_(options) {}

  std::vector<Frame> next_picture(bool is_key) {
    if (is_key) position_ = 0;
    static constexpr int kTemporal[] = {0, 2, 1, 2};
    const int at = position_ % 4;
    const int temporal = kTemporal[at];
    const bool is_free_group = position_ / 4 % 2 == 0;
    std::vector<Frame> frames;
    for (int spatial = 0; spatial < options_.spatial_layers; ++spatial) {
      Frame frame{.number = number_++,
                  .picture = picture_,
                  .spatial = spatial,
                  .temporal = temporal,
                  .is_key_picture = is_key,
                  .needs = {}};
      const bool between = spatial > 0 && (is_key || !options_.only_key_predicts_layers);
      if (between) frame.needs.push_back(frame.number - 1);
      if (!is_key) {
        frame.needs.push_back(last(spatial, 0));
        if (at == 3) frame.needs.push_back(last(spatial, 1));
        if (temporal > 0 && !is_free_group) frame.needs.push_back(last(spatial, temporal));
      }
      frame.is_sync = temporal > 0 && is_free_group && at != 3;
      frame.is_up_switch = is_free_group && temporal < 2;
      frame.is_last = spatial + 1 == options_.spatial_layers;
      frames.push_back(frame);
    }
    for (const Frame& frame : frames) last_[{frame.spatial, temporal}] = frame.number;
    ++picture_;
    ++position_;
    return frames;
  }

 private:
  std::int64_t last(int spatial, int temporal) const { return last_.at({spatial, temporal}); }

  LayeredOptions options_;
  std::int64_t number_ = 65'000;
  std::int64_t picture_ = 32'000;
  int position_ = 0;
  std::map<std::pair<int, int>, std::int64_t> last_;
};

// Keeps what was decoded; false for a frame that needs what never came.
class LayeredDecoder {
 public:
  bool decode(const Frame& frame) {
    for (const std::int64_t need : frame.needs) {
      if (!decoded_.contains(need)) return false;
    }
    decoded_.insert(frame.number);
    return true;
  }

 private:
  std::set<std::int64_t> decoded_;
};

// How the encoder's stream is described: nine decode targets for three spatial layers, by rising
// quality, and a chain of each spatial layer.
inline std::size_t target_of(int spatial, int temporal) {
  return static_cast<std::size_t>(spatial * 3 + temporal);
}

inline DependencyStructure structure_of(const LayeredOptions& options) {
  DependencyStructure structure;
  structure.decode_target_count = static_cast<std::size_t>(options.spatial_layers) * 3;
  structure.chain_count = static_cast<std::size_t>(options.spatial_layers);
  for (int spatial = 0; spatial < options.spatial_layers; ++spatial) {
    for (int temporal = 0; temporal < 3; ++temporal) {
      const std::size_t target = target_of(spatial, temporal);
      structure.target_spatial_layer[target] = static_cast<std::uint8_t>(spatial);
      structure.target_temporal_layer[target] = static_cast<std::uint8_t>(temporal);
      structure.protected_by[target] = static_cast<std::uint8_t>(spatial);
    }
  }
  return structure;
}

class DependencyDescriber {
 public:
  explicit DependencyDescriber(const LayeredOptions& options) : options_(options) {}

  DependencyDescriptor describe(const Frame& frame) {
    DependencyDescriptor descriptor;
    descriptor.starts_frame = descriptor.ends_frame = true;
    descriptor.frame_number = static_cast<std::uint16_t>(frame.number);
    FrameDependencies& out = descriptor.frame;
    out.spatial_layer = static_cast<std::uint8_t>(frame.spatial);
    out.temporal_layer = static_cast<std::uint8_t>(frame.temporal);
    for (const std::int64_t need : frame.needs) {
      out.frame_diffs[out.frame_diff_count++] = static_cast<std::uint16_t>(frame.number - need);
    }
    for (int spatial = 0; spatial < options_.spatial_layers; ++spatial) {
      for (int temporal = 0; temporal < 3; ++temporal) {
        out.indications[target_of(spatial, temporal)] = indication(frame, spatial, temporal);
      }
      auto& chain = chains_[spatial];
      const bool begins = frame.is_key_picture && frame.spatial == 0;
      if (!begins && chain) {
        out.chain_diffs[static_cast<std::size_t>(spatial)] =
            static_cast<std::uint8_t>(frame.number - *chain);
      }
      const bool is_newest = !chain || frame.number > *chain;  // it may be asked about again
      if (is_newest && frame.temporal == 0 && is_needed(frame, spatial)) chain = frame.number;
    }
    return descriptor;
  }

 private:
  bool is_needed(const Frame& frame, int spatial) const {
    const bool by_all_above = frame.is_key_picture || !options_.only_key_predicts_layers;
    return by_all_above ? frame.spatial <= spatial : frame.spatial == spatial;
  }

  DecodeTargetIndication indication(const Frame& frame, int spatial, int temporal) const {
    if (!is_needed(frame, spatial) || frame.temporal > temporal) {
      return DecodeTargetIndication::NotPresent;
    }
    if (frame.is_key_picture) return DecodeTargetIndication::Switch;
    // One may begin where the own spatial layer is decoded, and what follows needs nothing else.
    const bool is_free = frame.temporal == temporal ? frame.temporal == 0 : frame.is_up_switch;
    const bool may_begin = frame.spatial == spatial && is_free;
    return may_begin ? DecodeTargetIndication::Switch : DecodeTargetIndication::Required;
  }

  LayeredOptions options_;
  std::map<int, std::optional<std::int64_t>> chains_;
};

}  // namespace rtc::testing
