#include "rtc/payload/vp8_descriptor.hpp"

#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::Vp8Descriptor;
using rtc::testing::hex;

TEST(Vp8Descriptor, ReadsTheSmallest) {
  const auto key = Vp8Descriptor::parse(hex("10 00"));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->size, 1U);
  EXPECT_TRUE(key->is_key_frame);
  EXPECT_TRUE(key->is_reference);
  EXPECT_FALSE(key->picture_id);
  EXPECT_FALSE(Vp8Descriptor::parse(hex("10 01"))->is_key_frame);
  EXPECT_FALSE(Vp8Descriptor::parse(hex("00 00"))->is_key_frame);  // not the start
  EXPECT_FALSE(Vp8Descriptor::parse(hex("11 00"))->is_key_frame);  // another partition
}

TEST(Vp8Descriptor, ReadsEveryField) {
  const auto all = Vp8Descriptor::parse(hex("b7 f0 ffff fe e5 01"));
  ASSERT_TRUE(all);
  EXPECT_FALSE(all->is_reference);
  EXPECT_TRUE(all->starts_partition);
  EXPECT_EQ(all->partition, 7);
  EXPECT_EQ(all->picture_id, 0x7FFF);
  EXPECT_TRUE(all->has_long_picture_id);
  EXPECT_EQ(all->tl0_picture_index, 0xFE);
  EXPECT_EQ(all->temporal_layer, 3);
  EXPECT_TRUE(all->is_layer_sync);
  EXPECT_EQ(all->key_index, 5);
  EXPECT_EQ(all->size, 6U);
}

TEST(Vp8Descriptor, TakesEachFieldAlone) {
  EXPECT_EQ(Vp8Descriptor::parse(hex("80 80 7f 00"))->picture_id, 0x7F);
  EXPECT_EQ(Vp8Descriptor::parse(hex("80 40 09 00"))->tl0_picture_index, 9);
  EXPECT_EQ(Vp8Descriptor::parse(hex("80 20 85 00"))->temporal_layer, 2);
  EXPECT_FALSE(Vp8Descriptor::parse(hex("80 20 85 00"))->key_index);
  EXPECT_EQ(Vp8Descriptor::parse(hex("80 10 85 00"))->key_index, 5);
  EXPECT_FALSE(Vp8Descriptor::parse(hex("80 10 85 00"))->temporal_layer);
  EXPECT_EQ(Vp8Descriptor::parse(hex("80 00 00"))->size, 2U);
}

// The start of a key frame of Chromium's lowest simulcast layer: picture id 0x1a5b, TL0 7.
TEST(Vp8Descriptor, ReadsACapture) {
  const auto key = Vp8Descriptor::parse(hex("90 e0 9a5b 07 20 10 02 00 9d 01 2a 40 01 b4 00"));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->is_key_frame);
  EXPECT_EQ(key->picture_id, 0x1A5B);
  EXPECT_EQ(key->tl0_picture_index, 7);
  EXPECT_EQ(key->temporal_layer, 0);
  EXPECT_TRUE(key->is_layer_sync);
}

TEST(Vp8Descriptor, EveryCutIsRefused) {
  const auto whole = hex("b7 f0 ffff fe e5 01");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(
        Vp8Descriptor::parse(std::vector(whole.begin(), whole.begin() + static_cast<long>(size))));
  }
}

TEST(Vp8Descriptor, RewritesInPlaceWhatIsThere) {
  auto both = hex("90 e0 9a5b 07 20 10");
  Vp8Descriptor::parse(both)->rewrite(both, 0x8001, 0xFF);
  EXPECT_EQ(both, hex("90 e0 8001 ff 20 10"));
  auto short_id = hex("90 80 05 10");
  Vp8Descriptor::parse(short_id)->rewrite(short_id, 0x1234, 0xFF);
  EXPECT_EQ(short_id, hex("90 80 34 10"));
  auto nothing = hex("10 00");
  Vp8Descriptor::parse(nothing)->rewrite(nothing, 0x1234, 0xFF);
  EXPECT_EQ(nothing, hex("10 00"));
}

}  // namespace
