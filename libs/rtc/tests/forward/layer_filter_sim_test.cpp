// Goal: however often what is wanted changes, a receiver gets no frame that it cannot decode, and
// gets what is wanted soon after a place to switch; late packets change nothing. Method: an encoder
// whose frames name what they need, a filter, and a decoder that complains, for many seeds.
#include <gtest/gtest.h>

#include "rtc/forward/layer_filter.hpp"
#include "tests/forward/layered_stream.hpp"

namespace {

using namespace rtc;
using namespace rtc::testing;

constexpr int kPictures = 600;

// The packet of a frame as each kind of filter sees it. Views into itself.
struct Seen {
  Vp8Descriptor vp8;
  Vp9Descriptor vp9;
  DependencyDescriptor dependencies;
};

Seen seen_of(const Frame& frame, DependencyDescriber& describer) {
  Seen seen;
  const auto picture_id = static_cast<std::uint16_t>(frame.picture & 0x7FFF);
  seen.vp8.starts_partition = true;
  seen.vp8.picture_id = picture_id;
  seen.vp8.has_long_picture_id = true;
  seen.vp8.temporal_layer = static_cast<std::uint8_t>(frame.temporal);
  seen.vp8.is_layer_sync = frame.is_sync;
  seen.vp8.is_key_frame = frame.is_key_picture;
  seen.vp9.picture_id = picture_id;
  seen.vp9.has_long_picture_id = true;
  seen.vp9.has_layers = true;
  seen.vp9.starts_frame = seen.vp9.ends_frame = true;
  seen.vp9.spatial_layer = static_cast<std::uint8_t>(frame.spatial);
  seen.vp9.temporal_layer = static_cast<std::uint8_t>(frame.temporal);
  seen.vp9.is_inter_picture = !frame.is_key_picture;
  seen.vp9.is_inter_layer = frame.spatial > 0 && frame.needs.size() > 0;
  seen.vp9.is_switching_up_point = frame.is_up_switch;
  seen.dependencies = describer.describe(frame);
  return seen;
}

struct Case {
  const char* name;
  LayersBy by;
  LayeredOptions stream;
};

class LayerFilterSim : public ::testing::TestWithParam<Case> {};

// One receiver: what goes out to it, and whether it is happy.
class Receiver {
 public:
  explicit Receiver(const Case& test)
      : filter_(test.by), describer_(test.stream), structure_(structure_of(test.stream)) {}

  LayerFilter& filter() { return filter_; }

  LayerVerdict on_frame(const Frame& frame) {
    const Seen seen = seen_of(frame, describer_);
    const LayerVerdict verdict =
        filter_.on_packet({.marker = frame.is_last,
                           .vp8 = &seen.vp8,
                           .vp9 = &seen.vp9,
                           .dependencies = &seen.dependencies,
                           .structure = &structure_,
                           .brings_structure = frame.is_key_picture && frame.spatial == 0});
    if (verdict.forwards) {
      EXPECT_TRUE(decoder_.decode(frame)) << "picture " << frame.picture << " spatial "
                                          << frame.spatial << " temporal " << frame.temporal;
      highest_.spatial = std::max(highest_.spatial, static_cast<std::uint8_t>(frame.spatial));
      highest_.temporal = std::max(highest_.temporal, static_cast<std::uint8_t>(frame.temporal));
      has_end_ = frame.is_last || verdict.ends_picture;
    }
    return verdict;
  }

  // The highest layers that went out since the last call.
  LayerTarget take_highest() { return std::exchange(highest_, LayerTarget{0, 0}); }
  // Whether the last frame that went out had the marker.
  bool has_end() const { return has_end_; }

 private:
  LayerFilter filter_;
  DependencyDescriber describer_;
  DependencyStructure structure_;
  LayeredDecoder decoder_;
  LayerTarget highest_{0, 0};
  bool has_end_ = false;
};

TEST_P(LayerFilterSim, NothingUndecodableGoesOutOverTenThousandSwitches) {
  int switches = 0;
  for (std::uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    LayeredEncoder encoder(GetParam().stream);
    Receiver receiver(GetParam());
    for (int picture = 0; picture < kPictures; ++picture) {
      if (random.u32() % 3 == 0) {
        receiver.filter().set_target({.spatial = static_cast<std::uint8_t>(random.u32() % 4),
                                      .temporal = static_cast<std::uint8_t>(random.u32() % 4)});
        ++switches;
      }
      const bool is_key = picture == 0 || random.u32() % 40 == 0;
      for (const Frame& frame : encoder.next_picture(is_key)) receiver.on_frame(frame);
    }
  }
  EXPECT_GE(switches, 10'000);
}

TEST_P(LayerFilterSim, WhatIsWantedComesSoon) {
  const auto best = static_cast<std::uint8_t>(GetParam().stream.spatial_layers - 1);
  for (std::uint64_t seed = 1; seed <= 30 && !HasFailure(); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    LayeredEncoder encoder(GetParam().stream);
    Receiver receiver(GetParam());
    bool wants_key = true;
    const auto run = [&](int pictures) {
      for (int i = 0; i < pictures; ++i) {
        for (const Frame& frame : encoder.next_picture(std::exchange(wants_key, false))) {
          receiver.on_frame(frame);
        }
        EXPECT_TRUE(i < 2 || receiver.filter().wants_key_frame() || receiver.has_end());
        wants_key = receiver.filter().wants_key_frame();
      }
    };
    for (int round = 0; round < 20; ++round) {
      const LayerTarget target{.spatial = static_cast<std::uint8_t>(random.u32() % 3),
                               .temporal = static_cast<std::uint8_t>(random.u32() % 3)};
      receiver.filter().set_target(target);
      run(24);  // three groups that allow a switch
      receiver.take_highest();
      run(8);
      const LayerTarget highest = receiver.take_highest();
      EXPECT_EQ(highest.temporal, target.temporal);
      EXPECT_EQ(highest.spatial, std::min(target.spatial, best));  // more than there is: all of it
    }
  }
}

TEST_P(LayerFilterSim, AskedAgainLaterThePacketGetsTheSameAnswer) {
  for (std::uint64_t seed = 1; seed <= 20 && !HasFailure(); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    LayeredEncoder encoder(GetParam().stream);
    Receiver receiver(GetParam());
    std::vector<std::pair<Frame, bool>> pictures;
    for (int picture = 0; picture < kPictures; ++picture) {
      if (random.u32() % 10 == 0) {
        receiver.filter().set_target({.spatial = static_cast<std::uint8_t>(random.u32() % 3),
                                      .temporal = static_cast<std::uint8_t>(random.u32() % 3)});
      }
      std::vector<std::pair<Frame, bool>> before = std::move(pictures);
      pictures.clear();
      for (const Frame& frame : encoder.next_picture(picture == 0)) {
        pictures.emplace_back(frame, receiver.on_frame(frame).forwards);
      }
      // Second packets of the picture before, overtaken by this one. A structure comes but once.
      for (auto& [frame, forwards] : before) {
        if (frame.is_key_picture) continue;
        EXPECT_EQ(receiver.on_frame(frame).forwards, forwards);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Streams, LayerFilterSim,
    ::testing::Values(
        Case{"Vp8", LayersBy::Vp8, {.spatial_layers = 1}},
        Case{"Vp9", LayersBy::Vp9, {.spatial_layers = 3}},
        Case{"Vp9KeyOnly", LayersBy::Vp9, {.spatial_layers = 3, .only_key_predicts_layers = true}},
        Case{"H264", LayersBy::Dependencies, {.spatial_layers = 1}},
        Case{"Av1", LayersBy::Dependencies, {.spatial_layers = 3}},
        Case{"Av1KeyOnly",
             LayersBy::Dependencies,
             {.spatial_layers = 3, .only_key_predicts_layers = true}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
