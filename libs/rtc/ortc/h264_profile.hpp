// H264's `profile-level-id` and what two ends agree on (RFC 6184 sections 8.1 and 8.2.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

enum class H264Profile : std::uint8_t {
  ConstrainedBaseline,
  Baseline,
  Main,
  ConstrainedHigh,
  High,
  PredictiveHigh444,
};

// Ten times the level's number, as level_idc is on the wire; level 1b lies between 1 and 1.1 and
// has no level_idc of its own.
using H264Level = std::uint8_t;
inline constexpr H264Level kH264Level1b = 0;

struct H264ProfileLevel {
  H264Profile profile = H264Profile::ConstrainedBaseline;
  H264Level level = 31;

  friend bool operator==(const H264ProfileLevel&, const H264ProfileLevel&) = default;
};

// Parses six hexadecimal digits; nullopt for an unknown profile or level.
std::optional<H264ProfileLevel> parse_h264_profile_level(std::string_view text);

// The six digits; nullopt for level 1b of a profile that does not have it.
std::optional<std::string> to_string(H264ProfileLevel value);

// What the parameters say. Without a `profile-level-id` Constrained Baseline 3.1: RFC 6184 would
// have Baseline 1, but browsers mean this. nullopt for one that is no text or not known.
std::optional<H264ProfileLevel> h264_profile_level(const Parameters& parameters);

// The `profile-level-id` with which `local` answers `remote`, both of the same profile: the lower
// level, or local's own where both allow asymmetry (section 8.2.2). nullopt when neither names one.
std::optional<std::string> h264_answer(const Parameters& local, const Parameters& remote);

}  // namespace rtc::ortc
