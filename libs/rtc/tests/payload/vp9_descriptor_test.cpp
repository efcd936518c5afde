#include "rtc/payload/vp9_descriptor.hpp"

#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::Vp9Descriptor;
using rtc::testing::hex;

TEST(Vp9Descriptor, ReadsTheSmallest) {
  const auto key = Vp9Descriptor::parse(hex("08 00"));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->is_key_frame());
  EXPECT_EQ(key->size, 1U);
  EXPECT_TRUE(key->is_upper_reference);
  EXPECT_FALSE(Vp9Descriptor::parse(hex("48 00"))->is_key_frame());
  EXPECT_FALSE(Vp9Descriptor::parse(hex("00 00"))->is_key_frame());
  EXPECT_FALSE(Vp9Descriptor::parse(hex("01 00"))->is_upper_reference);
}

TEST(Vp9Descriptor, ReadsTheNonFlexibleMode) {
  // I, P, L, B, E; temporal 2, switching up, spatial 3, inter-layer; TL0 9.
  const auto view = Vp9Descriptor::parse(hex("ec 8102 57 09 00"));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->picture_id, 0x0102);
  EXPECT_TRUE(view->has_long_picture_id);
  EXPECT_EQ(view->temporal_layer, 2);
  EXPECT_TRUE(view->is_switching_up_point);
  EXPECT_EQ(view->spatial_layer, 3);
  EXPECT_TRUE(view->is_inter_layer);
  EXPECT_EQ(view->tl0_picture_index, 9);
  EXPECT_TRUE(view->starts_frame);
  EXPECT_TRUE(view->ends_frame);
  EXPECT_EQ(view->size, 5U);
}

TEST(Vp9Descriptor, ReadsTheFlexibleModesReferences) {
  const auto view = Vp9Descriptor::parse(hex("f8 05 00 03 05 06 00"));
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->is_flexible);
  EXPECT_FALSE(view->tl0_picture_index);
  ASSERT_EQ(view->reference_count, 3U);
  EXPECT_EQ(view->reference_differences, (std::array<std::uint8_t, 3>{1, 2, 3}));
  EXPECT_FALSE(Vp9Descriptor::parse(hex("f8 05 00 03 05 07 08 00")));  // a fourth
}

TEST(Vp9Descriptor, PassesOverTheStructure) {
  // Three layers with resolutions and a group of two pictures with one and two references.
  const auto view = Vp9Descriptor::parse(
      hex("aa 05 00 07 58 0140 00b4 0280 0168 0500 02d0 02 04 01 08 01 02 99"));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->spatial_layers, 3);
  EXPECT_EQ(view->size, 23U);
  EXPECT_TRUE(view->is_key_frame());
  EXPECT_FALSE(Vp9Descriptor::parse(hex("02 1f")));
  EXPECT_FALSE(Vp9Descriptor::parse(hex("02 08 ff 0c 01 01")));
}

TEST(Vp9Descriptor, EveryCutIsRefused) {
  const auto whole = hex("aa 05 00 07 58 0140 00b4 0280 0168 0500 02d0 02 04 01 08 01 02 99");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(
        Vp9Descriptor::parse(std::vector(whole.begin(), whole.begin() + static_cast<long>(size))));
  }
}

TEST(Vp9Descriptor, RewritesInPlaceWhatIsThere) {
  auto both = hex("ec 8102 57 09 00");
  Vp9Descriptor::parse(both)->rewrite(both, 0x7FFF, 1);
  EXPECT_EQ(both, hex("ec ffff 57 01 00"));
  auto flexible = hex("b8 05 00 11");
  Vp9Descriptor::parse(flexible)->rewrite(flexible, 0x86, 1);
  EXPECT_EQ(flexible, hex("b8 06 00 11"));
}

}  // namespace
