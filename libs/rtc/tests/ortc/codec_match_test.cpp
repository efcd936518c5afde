#include "rtc/ortc/codec_match.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace rtc::ortc {
namespace {

bool match(const Codec& a, const Codec& b) {
  const bool there = matches(a, b, Matching::ByProfile);
  EXPECT_EQ(there, matches(b, a, Matching::ByProfile)) << "a match is one from either side";
  return there;
}

Codec multiopus(std::int64_t streams, std::int64_t coupled) {
  return codec_of("audio/multiopus", 48'000,
                  {{"num_streams", streams}, {"coupled_streams", coupled}}, 6);
}

TEST(CodecMatch, ComparesTypeClockRateAndChannels) {
  EXPECT_TRUE(match(opus(), codec_of("AUDIO/Opus", 48'000, {}, 2)));
  EXPECT_FALSE(match(opus(), codec_of("audio/opus", 48'000, {}, 1)));
  EXPECT_FALSE(match(opus(), codec_of("audio/opus", 44'100, {}, 2)));
  EXPECT_FALSE(match(opus(), codec_of("audio/opu", 48'000, {}, 2)));
  EXPECT_TRUE(match(vp8(), vp8()));
}

TEST(CodecMatch, ComparesTheStreamsOfMultiopusAlways) {
  EXPECT_TRUE(match(multiopus(4, 2), multiopus(4, 2)));
  EXPECT_FALSE(match(multiopus(4, 2), multiopus(4, 1)));
  EXPECT_FALSE(match(multiopus(4, 2), multiopus(5, 2)));
  EXPECT_FALSE(matches(multiopus(4, 2), multiopus(5, 2), Matching::ByName));
  EXPECT_FALSE(match(multiopus(4, 2), codec_of("audio/multiopus", 48'000, {}, 6)));
}

TEST(CodecMatch, ComparesPacketizationModeAndProfileOfH264) {
  EXPECT_TRUE(match(h264("42e01f"), h264("42e034")));
  EXPECT_TRUE(match(h264("42e01f"), h264("4de01f")));
  EXPECT_FALSE(match(h264("42e01f"), h264("42001f")));
  EXPECT_FALSE(match(h264("42e01f"), h264("42e01f", 0)));
  EXPECT_FALSE(match(h264("42e01f"), h264("nonsense")));
  EXPECT_FALSE(match(h264("nonsense"), h264("nonsense")));
  EXPECT_TRUE(match(h264("42e01f", 0), codec_of("video/H264", 90'000)));
  EXPECT_TRUE(matches(h264("42e01f"), h264("64001f", 0), Matching::ByName));
}

TEST(CodecMatch, ComparesTheProfileOfVp9) {
  const auto vp9 = [](Parameters parameters) {
    return codec_of("video/VP9", 90'000, std::move(parameters));
  };
  EXPECT_TRUE(match(vp9({}), vp9({{"profile-id", std::int64_t{0}}})));
  EXPECT_TRUE(
      match(vp9({{"profile-id", std::int64_t{2}}}), vp9({{"profile-id", std::int64_t{2}}})));
  EXPECT_FALSE(match(vp9({}), vp9({{"profile-id", std::int64_t{2}}})));
  EXPECT_TRUE(matches(vp9({}), vp9({{"profile-id", std::int64_t{2}}}), Matching::ByName));
}

TEST(CodecMatch, ComparesTheProfileOfAv1WhereBothNameOne) {
  const auto av1 = [](Parameters parameters) {
    return codec_of("video/AV1", 90'000, std::move(parameters));
  };
  EXPECT_TRUE(match(av1({}), av1({{"profile", std::int64_t{1}}})));
  EXPECT_TRUE(match(av1({{"profile", std::int64_t{1}}}), av1({{"profile", std::int64_t{1}}})));
  EXPECT_FALSE(match(av1({{"profile", std::int64_t{0}}}), av1({{"profile", std::int64_t{1}}})));
}

TEST(CodecMatch, FindsRtxByWhatItRepairs) {
  const auto capabilities = router();
  EXPECT_EQ(find_rtx(capabilities.codecs, 101)->payload_type, 102);
  EXPECT_EQ(find_rtx(capabilities.codecs, 100), nullptr);
  EXPECT_EQ(find_match(capabilities.codecs, h264("42e015"))->payload_type, 103);
  EXPECT_EQ(find_match(capabilities.codecs, h264("64001f")), nullptr);
  EXPECT_TRUE(codec_of("video/RTX", 90'000).is_rtx());
  EXPECT_FALSE(codec_of("/rtx", 90'000).is_rtx());
  EXPECT_FALSE(codec_of("video/rtx2", 90'000).is_rtx());
}

}  // namespace
}  // namespace rtc::ortc
