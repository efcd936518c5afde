// Layers left out of what Chromium 156 sent (payload/captures): what stays hangs together.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rtc/forward/layer_filter.hpp"
#include "rtc/rtp/rtp_extensions.hpp"
#include "rtc/rtp/rtp_view.hpp"

namespace {

using namespace rtc;

constexpr std::uint8_t kDescriptorId = 13;  // of the dependency descriptor, in these calls

using Packet = std::vector<std::uint8_t>;

std::vector<Packet> packets_of(const std::string& name) {
  std::ifstream file(std::filesystem::path(RTC_CAPTURES) / (name + ".rtp"), std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
  const Packet all(text.begin(), text.end());
  std::vector<Packet> packets;
  ByteReader in(all);
  while (in.remaining() > 0) {
    const Bytes packet = in.take(in.u16());
    packets.emplace_back(packet.begin(), packet.end());
  }
  EXPECT_EQ(packets.size(), 40U);
  return packets;
}

Bytes descriptor_of(const RtpView& view) {
  RtpExtensionReader extensions(view.extension_profile, view.extension);
  while (const auto element = extensions.next()) {
    if (element->id == kDescriptorId) return element->data;
  }
  return {};
}

// Counts what stays of the 40 packets. Every picture that has something left ends with a marker.
struct Left {
  std::size_t packets = 0;
  std::set<std::pair<int, int>> layers;
};

TEST(ChromiumVp8Layers, HalfAndAQuarterOfTheFramesStay) {
  const auto left = [](std::uint8_t target) {
    Vp8LayerFilter filter;
    filter.set_target({.temporal = target});
    Left result;
    for (const Packet& packet : packets_of("chromium_vp8_l1t3")) {
      const auto vp8 = Vp8Descriptor::parse(RtpView::parse(packet)->payload);
      if (!filter.on_packet(*vp8).forwards) continue;
      ++result.packets;
      result.layers.emplace(0, *vp8->temporal_layer);
    }
    return result;
  };
  EXPECT_EQ(left(2).packets, 40U);
  EXPECT_EQ(left(2).layers.size(), 3U);
  EXPECT_EQ(left(1).layers.size(), 2U);
  EXPECT_EQ(left(0).layers.size(), 1U);
  EXPECT_LT(left(1).packets, 40U);
  EXPECT_LT(left(0).packets, left(1).packets);
}

TEST(ChromiumVp9Layers, EveryPictureThatIsLeftEnds) {
  for (std::uint8_t spatial = 0; spatial < 2; ++spatial) {
    for (std::uint8_t temporal = 0; temporal < 3; ++temporal) {
      Vp9LayerFilter filter;
      filter.set_target({.spatial = spatial, .temporal = temporal});
      Left left;
      bool has_end = true;
      std::optional<std::uint16_t> picture;
      for (const Packet& packet : packets_of("chromium_vp9_l2t3_key")) {
        const auto view = RtpView::parse(packet);
        const auto vp9 = Vp9Descriptor::parse(view->payload);
        const LayerVerdict verdict = filter.on_packet(*vp9, view->header.marker);
        if (!verdict.forwards) continue;
        left.layers.emplace(vp9->spatial_layer, vp9->temporal_layer);
        if (picture != vp9->picture_id) EXPECT_TRUE(has_end);
        picture = vp9->picture_id;
        has_end = view->header.marker || verdict.ends_picture;
      }
      EXPECT_EQ(left.layers.size(), (spatial + 1U) * (temporal + 1U));
    }
  }
}

TEST(ChromiumVp9Layers, GoUpInTimeRightAfterAnyPicture) {
  Vp9LayerFilter filter;
  filter.set_target({.temporal = 0});
  std::size_t number = 0;
  bool was_base = false;
  bool is_up = false;
  for (const Packet& packet : packets_of("chromium_vp9_l2t3_key")) {
    const auto view = RtpView::parse(packet);
    const auto vp9 = Vp9Descriptor::parse(view->payload);
    if (++number == 7) filter.set_target({.temporal = 2});
    const bool forwards = filter.on_packet(*vp9, view->header.marker).forwards;
    is_up |= number > 7 && was_base;
    EXPECT_EQ(forwards, is_up || vp9->temporal_layer == 0) << number;
    was_base = number >= 7 && vp9->temporal_layer == 0;
  }
  EXPECT_TRUE(is_up);
}

TEST(ChromiumAv1Layers, NothingThatStaysNeedsWhatIsLeftOut) {
  for (std::uint8_t spatial = 0; spatial < 2; ++spatial) {
    for (std::uint8_t temporal = 0; temporal < 2; ++temporal) {
      SCOPED_TRACE(testing::Message() << "L" << spatial + 1 << "T" << temporal + 1);
      DependencyLayerFilter filter;
      filter.set_target({.spatial = spatial, .temporal = temporal});
      std::unique_ptr<DependencyStructure> structure;
      SequenceUnwrapper unwrapper;
      std::set<std::int64_t> frames;
      std::set<std::pair<int, int>> layers;
      for (const Packet& packet : packets_of("chromium_av1_l2t2")) {
        const auto view = RtpView::parse(packet);
        const Bytes data = descriptor_of(*view);
        auto descriptor = DependencyDescriptor::parse(data, structure.get());
        ASSERT_TRUE(descriptor);
        const bool brings_structure = descriptor->structure != nullptr;
        const DependencyStructure* const before = structure.get();
        std::unique_ptr<DependencyStructure> kept;
        if (brings_structure) kept = std::exchange(structure, std::move(descriptor->structure));
        const LayerVerdict verdict = filter.on_packet({.descriptor = *descriptor,
                                                       .structure = *structure,
                                                       .brings_structure = brings_structure,
                                                       .marker = view->header.marker});
        if (!verdict.forwards) continue;
        const std::int64_t frame = unwrapper.unwrap(descriptor->frame_number);
        for (std::size_t i = 0; i < descriptor->frame.frame_diff_count; ++i) {
          EXPECT_TRUE(frames.contains(frame - descriptor->frame.frame_diffs[i]));
        }
        frames.insert(frame);
        layers.emplace(descriptor->frame.spatial_layer, descriptor->frame.temporal_layer);
        if (!brings_structure) continue;
        ASSERT_TRUE(verdict.active_decode_targets);
        Packet buffer(data.size() + 5);
        const Bytes written =
            descriptor->write_active(data, *verdict.active_decode_targets, buffer);
        const auto again = DependencyDescriptor::parse(written, before);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->active_decode_targets, verdict.active_decode_targets);
        EXPECT_EQ(again->frame_number, descriptor->frame_number);
      }
      EXPECT_EQ(layers.size(), (spatial + 1U) * (temporal + 1U));
    }
  }
}

}  // namespace
