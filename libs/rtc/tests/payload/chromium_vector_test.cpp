// What Chromium 156 sent, packet by packet (captures/, made by tests/capture/record_rtp.ts): the
// descriptors of a whole run hang together, and rewriting changes nothing but what it should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "rtc/payload/dependency_descriptor.hpp"
#include "rtc/payload/h264_payload.hpp"
#include "rtc/payload/vp8_descriptor.hpp"
#include "rtc/payload/vp9_descriptor.hpp"
#include "rtc/rtp/rtp_extensions.hpp"
#include "rtc/rtp/rtp_view.hpp"

namespace rtc {
namespace {

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
    EXPECT_TRUE(in.ok());
    packets.emplace_back(packet.begin(), packet.end());
  }
  EXPECT_EQ(packets.size(), 40U);
  return packets;
}

RtpView view_of(const Packet& packet) {
  const auto view = RtpView::parse(packet);
  EXPECT_TRUE(view);
  return *view;
}

Bytes descriptor_of(const RtpView& view) {
  RtpExtensionReader extensions(view.extension_profile, view.extension);
  while (const auto element = extensions.next()) {
    if (element->id == kDescriptorId) return element->data;
  }
  ADD_FAILURE() << "no dependency descriptor";
  return {};
}

// Number `i` of a counter of `bits` bits that began at `first`.
template <class Number>
Number counted(Number first, std::size_t i, unsigned bits) {
  return static_cast<Number>((first + i) % (std::size_t{1} << bits));
}

TEST(ChromiumVp8, CountsItsPicturesAndBaseLayers) {
  std::optional<Vp8Descriptor> first;
  std::optional<std::uint8_t> base;
  std::size_t pictures = 0;
  bool starts = true;
  for (const Packet& packet : packets_of("chromium_vp8_l1t3")) {
    const RtpView view = view_of(packet);
    const auto descriptor = Vp8Descriptor::parse(view.payload);
    ASSERT_TRUE(descriptor);
    if (!first) first = descriptor;
    EXPECT_EQ(descriptor->starts_frame(), starts);
    EXPECT_EQ(descriptor->is_key_frame, pictures == 0 && starts);
    EXPECT_EQ(descriptor->picture_id, counted(*first->picture_id, pictures, 15));
    const bool next_base = base && starts && descriptor->temporal_layer == 0;
    if (next_base) base = static_cast<std::uint8_t>(*base + 1);
    if (!base) base = descriptor->tl0_picture_index;
    EXPECT_EQ(descriptor->tl0_picture_index, base);
    EXPECT_LE(*descriptor->temporal_layer, 2);
    starts = view.header.marker;
    pictures += view.header.marker ? 1U : 0U;
  }
  EXPECT_GT(pictures, 20U);
}

TEST(ChromiumVp8, IsRewrittenInPlaceAndNowhereElse) {
  std::uint16_t picture = 0x7FFE;
  for (Packet packet : packets_of("chromium_vp8_l1t3")) {
    const RtpView view = view_of(packet);
    const Packet before(view.payload.begin(), view.payload.end());
    const auto descriptor = Vp8Descriptor::parse(before);
    Packet after = before;
    descriptor->rewrite(after, picture, 0xA5);

    const auto again = Vp8Descriptor::parse(after);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->picture_id, picture);
    EXPECT_EQ(again->tl0_picture_index, 0xA5);
    EXPECT_EQ(again->temporal_layer, descriptor->temporal_layer);
    EXPECT_EQ(again->is_layer_sync, descriptor->is_layer_sync);
    EXPECT_EQ(again->size, descriptor->size);
    again->rewrite(after, *descriptor->picture_id, *descriptor->tl0_picture_index);
    EXPECT_EQ(after, before);
    picture = static_cast<std::uint16_t>((picture + 1) & 0x7FFF);
  }
}

TEST(ChromiumVp9, GivesEachPictureOneFrameASpatialLayer) {
  std::optional<std::uint16_t> first;
  std::size_t pictures = 0;
  std::optional<std::uint8_t> above;
  bool is_key_picture = false;
  for (const Packet& packet : packets_of("chromium_vp9_l2t3_key")) {
    const RtpView view = view_of(packet);
    const auto descriptor = Vp9Descriptor::parse(view.payload);
    ASSERT_TRUE(descriptor);
    if (!first) first = descriptor->picture_id;
    EXPECT_TRUE(descriptor->is_flexible);
    EXPECT_EQ(descriptor->picture_id, counted(*first, pictures, 15));
    // The first picture is a key picture, and the encoder may have made more of them.
    const bool starts_picture = !above;
    if (starts_picture) is_key_picture = descriptor->is_key_frame();
    if (pictures == 0) EXPECT_TRUE(is_key_picture);
    EXPECT_EQ(descriptor->is_inter_picture, !is_key_picture);
    EXPECT_EQ(descriptor->is_key_frame(), is_key_picture && descriptor->spatial_layer == 0);
    // In this mode only a key picture predicts one layer from the other.
    if (descriptor->is_inter_layer) EXPECT_TRUE(is_key_picture);
    if (above) EXPECT_GE(descriptor->spatial_layer, *above);
    above = descriptor->spatial_layer;
    if (view.header.marker) {
      EXPECT_TRUE(descriptor->ends_frame);
      ++pictures;
      above.reset();
    }
  }
  EXPECT_GT(pictures, 15U);
}

TEST(ChromiumVp9, IsRewrittenInPlaceAndNowhereElse) {
  for (const Packet& packet : packets_of("chromium_vp9_l2t3_key")) {
    const RtpView view = view_of(packet);
    const Packet before(view.payload.begin(), view.payload.end());
    const auto descriptor = Vp9Descriptor::parse(before);
    Packet after = before;
    descriptor->rewrite(after, 0x0001, 0xA5);
    const auto again = Vp9Descriptor::parse(after);
    EXPECT_EQ(again->picture_id, 0x0001);
    EXPECT_EQ(again->size, descriptor->size);
    again->rewrite(after, *descriptor->picture_id, 0);
    EXPECT_EQ(after, before);
  }
}

TEST(ChromiumH264, BeginsWithItsParameterSetsAndAnIdr) {
  std::size_t number = 0;
  for (const Packet& packet : packets_of("chromium_h264")) {
    const auto payload = H264Payload::parse(view_of(packet).payload);
    ASSERT_TRUE(payload);
    EXPECT_EQ(payload->is_key_frame(), number == 0);
    EXPECT_EQ(payload->has_idr, number == 0);
    ++number;
  }
}

struct LayeredCapture {
  const char* name;
  std::uint8_t spatial_layers;
  std::uint8_t temporal_layers;
};

class ChromiumDependencyDescriptor : public testing::TestWithParam<LayeredCapture> {};

TEST_P(ChromiumDependencyDescriptor, FollowsTheFramesFromTheFirstStructure) {
  std::unique_ptr<DependencyStructure> known;
  std::optional<std::uint16_t> first;
  std::size_t frames = 0;
  std::set<std::pair<int, int>> layers;
  bool starts = true;
  for (const Packet& packet : packets_of(GetParam().name)) {
    const RtpView view = view_of(packet);
    auto descriptor = DependencyDescriptor::parse(descriptor_of(view), known.get());
    ASSERT_TRUE(descriptor);
    if (!first) first = descriptor->frame_number;
    EXPECT_EQ(descriptor->starts_frame, starts);
    EXPECT_EQ(descriptor->frame_number, counted(*first, frames, 16));
    if (descriptor->structure) known = std::move(descriptor->structure);
    layers.emplace(descriptor->frame.spatial_layer, descriptor->frame.temporal_layer);
    for (std::size_t i = 0; i < descriptor->frame.frame_diff_count; ++i) {
      EXPECT_LE(descriptor->frame.frame_diffs[i], frames) << "a frame before the first";
    }
    // A packet that ends a picture ends its frame too.
    if (view.header.marker) EXPECT_TRUE(descriptor->ends_frame);
    starts = descriptor->ends_frame;
    frames += descriptor->ends_frame ? 1U : 0U;
  }
  ASSERT_TRUE(known);
  EXPECT_EQ(known->spatial_layer_count(), GetParam().spatial_layers);
  EXPECT_EQ(known->decode_target_count,
            std::size_t{GetParam().spatial_layers} * GetParam().temporal_layers);
  EXPECT_EQ(layers.size(), known->decode_target_count) << "every layer was sent";
  EXPECT_GT(frames, 30U);
}

INSTANTIATE_TEST_SUITE_P(Layered, ChromiumDependencyDescriptor,
                         testing::Values(LayeredCapture{"chromium_vp9_l2t3_key", 2, 3},
                                         LayeredCapture{"chromium_av1_l2t2", 2, 2}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ChromiumPackets, AreSafeAtEveryCut) {
  for (const char* name :
       {"chromium_vp8_l1t3", "chromium_vp9_l2t3_key", "chromium_h264", "chromium_av1_l2t2"}) {
    for (const Packet& packet : packets_of(name)) {
      const Bytes payload = view_of(packet).payload;
      const std::size_t longest = std::min<std::size_t>(payload.size(), 80);
      for (std::size_t size = 0; size <= longest; ++size) {
        // An exact-size heap copy, so that ASan sees a read of even one octet too many.
        const Packet cut(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
        (void)Vp8Descriptor::parse(cut);
        (void)Vp9Descriptor::parse(cut);
        (void)H264Payload::parse(cut);
        (void)DependencyDescriptor::parse(cut, nullptr);
      }
    }
  }
}

}  // namespace
}  // namespace rtc
