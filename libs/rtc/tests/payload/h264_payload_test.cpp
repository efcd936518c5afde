#include "rtc/payload/h264_payload.hpp"

#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::H264Payload;
using rtc::testing::hex;

TEST(H264Payload, ReadsSingleUnits) {
  EXPECT_TRUE(H264Payload::parse(hex("67 42"))->has_sequence_parameters);
  EXPECT_TRUE(H264Payload::parse(hex("65 88"))->has_idr);
  EXPECT_FALSE(H264Payload::parse(hex("65 88"))->is_key_frame());
  EXPECT_FALSE(H264Payload::parse(hex("41 9a"))->has_idr);
}

// Parameter sets as Chromium sends them in front of each IDR.
TEST(H264Payload, ReadsTheUnitsOfAnAggregate) {
  const auto payload =
      H264Payload::parse(hex("78 000f 6742c01f8c8d40501e900f08846a00 0004 68ce3c80"));
  ASSERT_TRUE(payload);
  EXPECT_TRUE(payload->is_key_frame());
  EXPECT_FALSE(payload->has_idr);
}

TEST(H264Payload, SeesTheStartOfAFragmentedUnitAlone) {
  EXPECT_TRUE(H264Payload::parse(hex("7c 85 88"))->has_idr);
  EXPECT_FALSE(H264Payload::parse(hex("7c 05 88"))->has_idr);
  EXPECT_FALSE(H264Payload::parse(hex("7c 45 88"))->has_idr);
}

TEST(H264Payload, RefusesWhatIsBroken) {
  for (const char* text : {"", "60", "79 0001 67", "7d", "7c", "78 0000", "78 00", "78 0002 67",
                           "78 0001 67 0005 68"}) {
    EXPECT_FALSE(H264Payload::parse(hex(text))) << text;
  }
}

TEST(H264Payload, AnAggregateWithinAnAggregateIsNotLookedInto) {
  EXPECT_FALSE(H264Payload::parse(hex("78 0004 78 0001 67"))->is_key_frame());
}

}  // namespace
