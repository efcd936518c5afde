#include "rtc/ortc/h264_profile.hpp"

#include <array>
#include <charconv>

namespace rtc::ortc {

namespace {

// profile_idc and the bits of profile_iop that tell profiles apart (RFC 6184 table 5).
struct ProfilePattern {
  std::uint8_t profile_idc;
  std::uint8_t iop_mask;
  std::uint8_t iop_value;
  H264Profile profile;
};

constexpr std::array kProfilePatterns{
    ProfilePattern{0x42, 0x4F, 0x40, H264Profile::ConstrainedBaseline},
    ProfilePattern{0x4D, 0x8F, 0x80, H264Profile::ConstrainedBaseline},
    ProfilePattern{0x58, 0xCF, 0xC0, H264Profile::ConstrainedBaseline},
    ProfilePattern{0x42, 0x4F, 0x00, H264Profile::Baseline},
    ProfilePattern{0x58, 0xCF, 0x80, H264Profile::Baseline},
    ProfilePattern{0x4D, 0xAF, 0x00, H264Profile::Main},
    ProfilePattern{0x64, 0xFF, 0x00, H264Profile::High},
    ProfilePattern{0x64, 0xFF, 0x0C, H264Profile::ConstrainedHigh},
    ProfilePattern{0xF4, 0xFF, 0x00, H264Profile::PredictiveHigh444},
};

constexpr std::array<std::uint8_t, 16> kLevels{10, 11, 12, 13, 20, 21, 22, 30,
                                               31, 32, 40, 41, 42, 50, 51, 52};

constexpr std::uint8_t kConstraintSet3 = 0x10;  // tells level 1b from 1.1 (ITU-T H.264 A.3.1)

std::optional<H264Level> level_of(std::uint8_t level_idc, std::uint8_t profile_iop) {
  if (level_idc == 11 && (profile_iop & kConstraintSet3) != 0) return kH264Level1b;
  for (const std::uint8_t known : kLevels) {
    if (level_idc == known) return known;
  }
  return std::nullopt;
}

std::string_view prefix_of(H264Profile profile) {
  switch (profile) {
    case H264Profile::ConstrainedBaseline:
      return "42e0";
    case H264Profile::Baseline:
      return "4200";
    case H264Profile::Main:
      return "4d00";
    case H264Profile::ConstrainedHigh:
      return "640c";
    case H264Profile::High:
      return "6400";
    case H264Profile::PredictiveHigh444:
      return "f400";
  }
  return {};
}

std::optional<std::string> level_1b_of(H264Profile profile) {
  switch (profile) {
    case H264Profile::ConstrainedBaseline:
      return "42f00b";
    case H264Profile::Baseline:
      return "42100b";
    case H264Profile::Main:
      return "4d100b";
    case H264Profile::ConstrainedHigh:
    case H264Profile::High:
    case H264Profile::PredictiveHigh444:
      return std::nullopt;
  }
  return std::nullopt;
}

// Level 1b lies between 1 and 1.1 (ITU-T H.264 table A-1). Against a remote 1b this takes the
// higher of the two: the clients' own code has it so, and both ends must come to the same answer.
bool is_lower(H264Level mine, H264Level theirs) {
  constexpr H264Level kLevel1 = 10;
  if (mine == kH264Level1b) return theirs != kLevel1 && theirs != kH264Level1b;
  if (theirs == kH264Level1b) return mine != kLevel1;
  return mine < theirs;
}

// Absent, or a value that the clients' own code takes for absent.
bool names_profile(const Parameters& parameters) {
  const Scalar* value = find(parameters, "profile-level-id");
  return value != nullptr && *value != Scalar{std::int64_t{0}} && *value != Scalar{std::string{}};
}

bool allows_asymmetry(const Parameters& parameters) {
  const Scalar* value = find(parameters, "level-asymmetry-allowed");
  return value != nullptr &&
         (*value == Scalar{std::int64_t{1}} || *value == Scalar{std::string{"1"}});
}

}  // namespace

std::optional<H264ProfileLevel> parse_h264_profile_level(std::string_view text) {
  constexpr std::size_t kDigits = 6;
  if (text.size() != kDigits) return std::nullopt;
  std::uint32_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;

  const auto profile_idc = static_cast<std::uint8_t>(bits >> 16);
  const auto profile_iop = static_cast<std::uint8_t>(bits >> 8);
  const auto level = level_of(static_cast<std::uint8_t>(bits), profile_iop);
  if (!level) return std::nullopt;
  for (const ProfilePattern& pattern : kProfilePatterns) {
    const bool fits =
        profile_idc == pattern.profile_idc && (profile_iop & pattern.iop_mask) == pattern.iop_value;
    if (fits) return H264ProfileLevel{.profile = pattern.profile, .level = *level};
  }
  return std::nullopt;
}

std::optional<std::string> to_string(H264ProfileLevel value) {
  if (value.level == kH264Level1b) return level_1b_of(value.profile);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text{prefix_of(value.profile)};
  text += kHex[value.level >> 4];
  text += kHex[value.level & 0x0F];
  return text;
}

std::optional<H264ProfileLevel> h264_profile_level(const Parameters& parameters) {
  if (!names_profile(parameters)) return H264ProfileLevel{};
  const auto* text = std::get_if<std::string>(find(parameters, "profile-level-id"));
  if (text == nullptr) return std::nullopt;
  return parse_h264_profile_level(*text);
}

std::optional<std::string> h264_answer(const Parameters& local, const Parameters& remote) {
  if (!names_profile(local) && !names_profile(remote)) return std::nullopt;
  const auto mine = h264_profile_level(local);
  const auto theirs = h264_profile_level(remote);
  if (!mine || !theirs) return std::nullopt;

  const bool keeps_own = allows_asymmetry(local) && allows_asymmetry(remote);
  const bool takes_own = keeps_own || is_lower(mine->level, theirs->level);
  const H264Level level = takes_own ? mine->level : theirs->level;
  return to_string({.profile = mine->profile, .level = level});
}

}  // namespace rtc::ortc
