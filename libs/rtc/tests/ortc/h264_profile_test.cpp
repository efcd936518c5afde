#include "rtc/ortc/h264_profile.hpp"

#include <gtest/gtest.h>

namespace rtc::ortc {
namespace {

struct ParseCase {
  std::string_view text;
  std::optional<H264ProfileLevel> value;
};

class H264ProfileLevelParse : public testing::TestWithParam<ParseCase> {};

TEST_P(H264ProfileLevelParse, KnowsTheProfilesOfRfc6184) {
  EXPECT_EQ(parse_h264_profile_level(GetParam().text), GetParam().value);
}

using enum H264Profile;

INSTANTIATE_TEST_SUITE_P(
    Table5, H264ProfileLevelParse,
    testing::Values(ParseCase{"42e01f", H264ProfileLevel{ConstrainedBaseline, 31}},
                    ParseCase{"42E01F", H264ProfileLevel{ConstrainedBaseline, 31}},
                    ParseCase{"42c02a", H264ProfileLevel{ConstrainedBaseline, 42}},
                    ParseCase{"4de01f", H264ProfileLevel{ConstrainedBaseline, 31}},
                    ParseCase{"58f01f", H264ProfileLevel{ConstrainedBaseline, 31}},
                    ParseCase{"42a01f", H264ProfileLevel{Baseline, 31}},
                    ParseCase{"58a01f", H264ProfileLevel{Baseline, 31}},
                    ParseCase{"4d401f", H264ProfileLevel{Main, 31}},
                    ParseCase{"64001f", H264ProfileLevel{High, 31}},
                    ParseCase{"640c1f", H264ProfileLevel{ConstrainedHigh, 31}},
                    ParseCase{"f40034", H264ProfileLevel{PredictiveHigh444, 52}},
                    ParseCase{"42f00b", H264ProfileLevel{ConstrainedBaseline, kH264Level1b}},
                    ParseCase{"42100b", H264ProfileLevel{Baseline, kH264Level1b}},
                    ParseCase{"42e00b", H264ProfileLevel{ConstrainedBaseline, 11}},
                    ParseCase{"42e00a", H264ProfileLevel{ConstrainedBaseline, 10}}));

INSTANTIATE_TEST_SUITE_P(
    NotOne, H264ProfileLevelParse,
    testing::Values(ParseCase{"", std::nullopt}, ParseCase{"42e01", std::nullopt},
                    ParseCase{"42e01f0", std::nullopt}, ParseCase{"gggggg", std::nullopt},
                    ParseCase{"42e01g", std::nullopt}, ParseCase{"0x42e0", std::nullopt},
                    ParseCase{"-42e01", std::nullopt}, ParseCase{" 42e01", std::nullopt},
                    ParseCase{"000000", std::nullopt}, ParseCase{"42e000", std::nullopt},
                    ParseCase{"42e035", std::nullopt}, ParseCase{"42e0ff", std::nullopt},
                    ParseCase{"64000c", H264ProfileLevel{High, 12}},
                    ParseCase{"641c1f", std::nullopt}, ParseCase{"ffff1f", std::nullopt}));

TEST(H264ProfileLevelText, IsReadBackAsTheSameForEveryProfileAndLevel) {
  for (const H264Profile profile :
       {ConstrainedBaseline, Baseline, Main, ConstrainedHigh, High, PredictiveHigh444}) {
    for (const H264Level level : {10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52}) {
      const H264ProfileLevel value{profile, level};
      EXPECT_EQ(parse_h264_profile_level(*to_string(value)), value);
    }
  }
  for (const H264Profile profile : {ConstrainedBaseline, Baseline, Main}) {
    const H264ProfileLevel value{profile, kH264Level1b};
    EXPECT_EQ(parse_h264_profile_level(*to_string(value)), value);
  }
  EXPECT_FALSE(to_string({High, kH264Level1b}));
}

Parameters with(std::string_view id, bool asymmetry = false) {
  Parameters parameters{{"profile-level-id", std::string(id)}};
  if (asymmetry) parameters["level-asymmetry-allowed"] = std::int64_t{1};
  return parameters;
}

TEST(H264Answer, IsTheLowerLevelWithoutAsymmetry) {
  EXPECT_EQ(h264_answer(with("42e015"), with("42e01f")), "42e015");
  EXPECT_EQ(h264_answer(with("42e01f"), with("42e015")), "42e015");
  EXPECT_EQ(h264_answer(with("42e01f", true), with("42e015", false)), "42e015");
}

TEST(H264Answer, IsTheOwnLevelWithAsymmetryOnBothSides) {
  EXPECT_EQ(h264_answer(with("42e01f", true), with("42e015", true)), "42e01f");
  EXPECT_EQ(h264_answer(with("42e015", true), with("42e01f", true)), "42e015");
}

TEST(H264Answer, PutsLevel1bBetween1And11) {
  EXPECT_EQ(h264_answer(with("42f00b"), with("42e00b")), "42f00b");
  EXPECT_EQ(h264_answer(with("42f00b"), with("42e00a")), "42e00a");
}

TEST(H264Answer, TakesAnAbsentIdForConstrainedBaseline31) {
  EXPECT_EQ(h264_answer({}, {}), std::nullopt);
  EXPECT_EQ(h264_answer({}, with("42e015")), "42e015");
  EXPECT_EQ(h264_answer(with("42e034"), {}), "42e01f");
  EXPECT_EQ(h264_answer(with("nonsense"), with("42e01f")), std::nullopt);
}

TEST(H264ProfileLevelOf, IsNothingForAnIdThatIsANumber) {
  EXPECT_EQ(h264_profile_level({{"profile-level-id", std::int64_t{640032}}}), std::nullopt);
  EXPECT_EQ(h264_profile_level({{"profile-level-id", std::int64_t{0}}}), H264ProfileLevel{});
}

}  // namespace
}  // namespace rtc::ortc
