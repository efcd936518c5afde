#include "rtc/forward/layer_filter.hpp"

#include <gtest/gtest.h>

#include "tests/forward/layered_stream.hpp"

namespace {

using namespace rtc;
using namespace rtc::testing;

Vp8Descriptor vp8(std::uint16_t picture, std::uint8_t layer, bool is_sync = false) {
  Vp8Descriptor packet;
  packet.picture_id = picture;
  packet.has_long_picture_id = true;
  packet.temporal_layer = layer;
  packet.is_layer_sync = is_sync;
  return packet;
}

TEST(Vp8LayerFilter, BeginsWithTheBaseAndTakesLayersInAtTheirSyncFrames) {
  Vp8LayerFilter filter;
  EXPECT_TRUE(filter.on_packet(vp8(0x7FFE, 0)).forwards);
  EXPECT_FALSE(filter.on_packet(vp8(0x7FFF, 2, true)).forwards) << "layer 1 is not there yet";
  EXPECT_FALSE(filter.on_packet(vp8(0, 1)).forwards);
  EXPECT_TRUE(filter.on_packet(vp8(1, 1, true)).forwards);
  EXPECT_EQ(filter.current(), 1);
  EXPECT_TRUE(filter.on_packet(vp8(2, 2, true)).forwards);
  EXPECT_TRUE(filter.on_packet(vp8(3, 2)).forwards);
  EXPECT_EQ(filter.current(), 2);
}

TEST(Vp8LayerFilter, LeavesALayerAtTheNextFrameNotWithinOne) {
  Vp8LayerFilter filter;
  auto key = vp8(10, 0);
  key.is_key_frame = true;
  EXPECT_TRUE(filter.on_packet(key).forwards);
  EXPECT_TRUE(filter.on_packet(vp8(11, 2)).forwards);
  filter.set_target({.temporal = 0});
  EXPECT_TRUE(filter.on_packet(vp8(11, 2)).forwards) << "another packet of that frame";
  EXPECT_FALSE(filter.on_packet(vp8(12, 1)).forwards);
  EXPECT_TRUE(filter.on_packet(vp8(11, 2)).forwards) << "a late one";
  EXPECT_TRUE(filter.on_packet(vp8(13, 0)).forwards);
  EXPECT_EQ(filter.current(), 0);
}

TEST(Vp8LayerFilter, WhatAKeyFrameOvertookStillGoesOut) {
  Vp8LayerFilter filter;
  auto key = vp8(10, 0);
  key.is_key_frame = true;
  filter.on_packet(key);
  EXPECT_TRUE(filter.on_packet(vp8(11, 2)).forwards);
  key.picture_id = 13;
  filter.on_packet(key);
  EXPECT_TRUE(filter.on_packet(vp8(12, 2)).forwards);
}

TEST(Vp8LayerFilter, ShortPictureIdsAndNoneWork) {
  Vp8LayerFilter filter;
  auto first = vp8(127, 0);
  first.has_long_picture_id = false;
  first.is_key_frame = true;
  EXPECT_TRUE(filter.on_packet(first).forwards);
  filter.set_target({.temporal = 0});
  auto next = vp8(0, 1);
  next.has_long_picture_id = false;
  EXPECT_FALSE(filter.on_packet(next).forwards);

  Vp8LayerFilter counting;
  Vp8Descriptor bare;
  bare.starts_partition = bare.is_key_frame = true;
  EXPECT_TRUE(counting.on_packet(bare).forwards);
  counting.set_target({.temporal = 0});
  bare.is_key_frame = false;
  bare.temporal_layer = 1;
  EXPECT_FALSE(counting.on_packet(bare).forwards);
}

Vp8Descriptor vp8_of_base(std::uint8_t base, std::uint16_t picture, std::uint8_t layer) {
  Vp8Descriptor packet = vp8(picture, layer);
  packet.tl0_picture_index = base;
  return packet;
}

TEST(Vp8LayerFilter, KnowsWhenNothingButWhatItLeavesOutIsMissing) {
  Vp8LayerFilter filter;
  filter.set_target({.temporal = 0});
  EXPECT_FALSE(filter.on_packet(vp8_of_base(255, 10, 0)).closes_gap);
  EXPECT_TRUE(filter.on_packet(vp8_of_base(0, 14, 0)).closes_gap);
  EXPECT_TRUE(filter.on_packet(vp8_of_base(0, 17, 2)).closes_gap);
  EXPECT_FALSE(filter.on_packet(vp8_of_base(1, 16, 1)).closes_gap) << "it is late itself";
  EXPECT_FALSE(filter.on_packet(vp8_of_base(2, 22, 0)).closes_gap) << "picture 18 was of the base";
  EXPECT_FALSE(filter.on_packet(vp8_of_base(2, 600, 2)).closes_gap) << "TL0PICIDX went round";
  EXPECT_FALSE(filter.on_packet(vp8(601, 0)).closes_gap) << "nothing tells";
  EXPECT_FALSE(filter.on_packet(vp8_of_base(2, 603, 2)).closes_gap) << "since when";
}

TEST(Vp8LayerFilter, WhatIsMissingOfALayerThatGoesOutMayStillCome) {
  Vp8LayerFilter filter;
  auto key = vp8_of_base(1, 10, 0);
  key.is_key_frame = true;
  filter.on_packet(key);
  EXPECT_FALSE(filter.on_packet(vp8_of_base(1, 12, 1)).closes_gap);
  filter.set_target({.temporal = 0});
  EXPECT_FALSE(filter.on_packet(vp8_of_base(2, 14, 0)).closes_gap) << "left from 14 on";
  EXPECT_TRUE(filter.on_packet(vp8_of_base(2, 13, 2)).forwards);
  EXPECT_TRUE(filter.on_packet(vp8_of_base(3, 18, 0)).closes_gap);
}

struct Vp9Packet {
  std::uint16_t picture = 0;
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  bool is_inter_picture = true;
  bool is_up_switch = false;
  bool ends_frame = true;
};

Vp9Descriptor vp9(const Vp9Packet& fields) {
  Vp9Descriptor packet;
  packet.picture_id = fields.picture;
  packet.has_long_picture_id = packet.has_layers = packet.starts_frame = true;
  packet.spatial_layer = fields.spatial;
  packet.temporal_layer = fields.temporal;
  packet.is_inter_picture = fields.is_inter_picture;
  packet.is_switching_up_point = fields.is_up_switch;
  packet.ends_frame = fields.ends_frame;
  return packet;
}

TEST(Vp9LayerFilter, MarksTheEndOfWhatIsLeftOfAPicture) {
  Vp9LayerFilter filter;
  filter.set_target({.spatial = 1});
  const auto verdict = [&](const Vp9Packet& packet, bool marker = false) {
    return filter.on_packet(vp9(packet), marker);
  };
  EXPECT_FALSE(verdict({.picture = 1, .is_inter_picture = false}).ends_picture);
  EXPECT_FALSE(verdict({.picture = 1, .spatial = 1, .is_inter_picture = false, .ends_frame = false})
                   .ends_picture);
  EXPECT_TRUE(verdict({.picture = 1, .spatial = 1, .is_inter_picture = false}).ends_picture);
  EXPECT_FALSE(verdict({.picture = 1, .spatial = 2, .is_inter_picture = false}, true).forwards);
  // A picture without its highest layer has its own marker.
  EXPECT_FALSE(verdict({.picture = 2}, true).ends_picture);
}

TEST(Vp9LayerFilter, GoesUpWhereALayerNeedsOnlyTheOneBelow) {
  Vp9LayerFilter filter;
  filter.set_target({.spatial = 0});
  const auto forwards = [&](const Vp9Packet& packet) {
    return filter.on_packet(vp9(packet), false).forwards;
  };
  EXPECT_TRUE(forwards({.picture = 1, .is_inter_picture = false}));
  EXPECT_FALSE(forwards({.picture = 1, .spatial = 1, .is_inter_picture = false}));
  filter.set_target({.spatial = 1});
  EXPECT_TRUE(forwards({.picture = 2}));
  EXPECT_FALSE(forwards({.picture = 2, .spatial = 1}));
  EXPECT_TRUE(filter.wants_key_frame());
  EXPECT_TRUE(forwards({.picture = 3}));
  EXPECT_TRUE(forwards({.picture = 3, .spatial = 1, .is_inter_picture = false}));
  EXPECT_FALSE(filter.wants_key_frame());
  EXPECT_TRUE(forwards({.picture = 4}));
  EXPECT_TRUE(forwards({.picture = 4, .spatial = 1}));
  EXPECT_EQ(filter.current(), (LayerTarget{.spatial = 1, .temporal = 7}));
}

TEST(Vp9LayerFilter, GoesUpInTimeAfterASwitchingUpPoint) {
  Vp9LayerFilter filter;
  filter.set_target({.temporal = 0});
  const auto forwards = [&](const Vp9Packet& packet) {
    return filter.on_packet(vp9(packet), true).forwards;
  };
  EXPECT_TRUE(forwards({.picture = 1, .is_inter_picture = false}));
  EXPECT_FALSE(forwards({.picture = 2, .temporal = 1}));
  filter.set_target({.temporal = 2});
  EXPECT_TRUE(forwards({.picture = 3}));
  EXPECT_FALSE(forwards({.picture = 4, .temporal = 1, .is_up_switch = true}))
      << "it is of a layer that is not there itself";
  EXPECT_TRUE(forwards({.picture = 5, .is_up_switch = true}));
  EXPECT_TRUE(forwards({.picture = 6, .temporal = 2}));
  EXPECT_TRUE(forwards({.picture = 7, .temporal = 1}));
  EXPECT_FALSE(filter.wants_key_frame());
}

TEST(Vp9LayerFilter, AStreamWithoutLayersGoesThrough) {
  Vp9LayerFilter filter;
  filter.set_target({.spatial = 0, .temporal = 0});
  EXPECT_TRUE(filter.on_packet(Vp9Descriptor{}, false).forwards);
}

struct Described {
  LayeredOptions options{.spatial_layers = 2};
  LayeredEncoder encoder{options};
  DependencyDescriber describer{options};
  DependencyStructure structure = structure_of(options);
  DependencyLayerFilter filter;

  std::vector<LayerVerdict> picture(bool is_key,
                                    std::optional<std::uint32_t> active = std::nullopt) {
    std::vector<LayerVerdict> verdicts;
    for (const Frame& frame : encoder.next_picture(is_key)) {
      auto descriptor = describer.describe(frame);
      if (frame.spatial == 0) descriptor.active_decode_targets = active;
      verdicts.push_back(filter.on_packet({.descriptor = descriptor,
                                           .structure = structure,
                                           .brings_structure = is_key && frame.spatial == 0,
                                           .marker = frame.is_last}));
    }
    return verdicts;
  }
};

TEST(DependencyLayerFilter, NothingGoesOutBeforeAPlaceToBegin) {
  Described stream;
  stream.encoder.next_picture(true);
  EXPECT_FALSE(stream.picture(false)[0].forwards);
  EXPECT_TRUE(stream.filter.wants_key_frame());
  EXPECT_EQ(stream.filter.current(), std::nullopt);
  EXPECT_TRUE(stream.picture(true)[1].forwards);
  EXPECT_FALSE(stream.filter.wants_key_frame());
  EXPECT_EQ(stream.filter.current(), (LayerTarget{.spatial = 1, .temporal = 2}));
}

TEST(DependencyLayerFilter, TellsWhichDecodeTargetsAreLeft) {
  Described stream;
  stream.filter.set_target({.spatial = 0, .temporal = 1});
  const auto key = stream.picture(true, 0b111111);
  EXPECT_EQ(key[0].active_decode_targets, 0b000011U);
  EXPECT_TRUE(key[0].ends_picture);
  EXPECT_FALSE(key[1].forwards);
  EXPECT_EQ(stream.picture(false)[0].active_decode_targets, std::nullopt);
}

TEST(DependencyLayerFilter, KeepsToTheDecodeTargetsThatAreActive) {
  Described stream;
  EXPECT_EQ(stream.picture(true, 0b000111)[0].active_decode_targets, 0b000111U);
  EXPECT_EQ(stream.filter.current(), (LayerTarget{.spatial = 0, .temporal = 2}));
}

TEST(DependencyLayerFilter, AChainThatWasLeftOutIsNoPlaceToSwitch) {
  Described stream;
  stream.filter.set_target({.spatial = 0});
  stream.picture(true);
  stream.filter.set_target({.spatial = 1});
  for (int i = 0; i < 16; ++i) EXPECT_FALSE(stream.picture(false)[1].forwards);
  EXPECT_TRUE(stream.filter.wants_key_frame());
  EXPECT_TRUE(stream.picture(true)[1].forwards);
}

TEST(LayerFilter, LetsThroughWhatItIsToldNothingOf) {
  for (const LayersBy by :
       {LayersBy::Nothing, LayersBy::Vp8, LayersBy::Vp9, LayersBy::Dependencies}) {
    LayerFilter filter(by);
    filter.set_target({.spatial = 0, .temporal = 0});
    EXPECT_TRUE(filter.on_packet({}).forwards);
  }
}

TEST(LayerFilter, KeepsItsTargetOverAnotherSource) {
  LayerFilter filter(LayersBy::Vp8);
  filter.set_target({.temporal = 0});
  filter.change_source();
  auto key = vp8(500, 0);
  key.is_key_frame = true;
  EXPECT_TRUE(filter.on_packet({.vp8 = &key}).forwards);
  const auto above = vp8(501, 1, true);
  EXPECT_FALSE(filter.on_packet({.vp8 = &above}).forwards);
}

}  // namespace
