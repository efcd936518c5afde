#include "rtc/ortc/codec_match.hpp"

#include <algorithm>

#include "rtc/ortc/h264_profile.hpp"

namespace rtc::ortc {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(const Codec& a, const Codec& b, std::string_view name) {
  const Scalar* mine = find(a.parameters, name);
  const Scalar* theirs = find(b.parameters, name);
  if (mine == nullptr || theirs == nullptr) return mine == theirs;
  return *mine == *theirs;
}

// A parameter whose default is 0; the empty text is the default too, as in the clients' own code.
Scalar or_zero(const Codec& codec, std::string_view name) {
  const Scalar* value = find(codec.parameters, name);
  if (value == nullptr || *value == Scalar{std::string{}}) return std::int64_t{0};
  return *value;
}

bool same_or_zero(const Codec& a, const Codec& b, std::string_view name) {
  return or_zero(a, name) == or_zero(b, name);
}

bool same_h264(const Codec& a, const Codec& b) {
  if (!same_or_zero(a, b, "packetization-mode")) return false;
  const auto mine = h264_profile_level(a.parameters);
  const auto theirs = h264_profile_level(b.parameters);
  return mine && theirs && mine->profile == theirs->profile;
}

// A router's AV1 names no profile, so that it takes every profile that a browser sends.
bool same_av1(const Codec& a, const Codec& b) {
  const bool both_named =
      find(a.parameters, "profile") != nullptr && find(b.parameters, "profile") != nullptr;
  return !both_named || same_or_zero(a, b, "profile");
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool Codec::is_rtx() const {
  constexpr std::string_view kSubtype = "/rtx";
  if (mime_type.size() <= kSubtype.size()) return false;
  const std::string_view tail =
      std::string_view{mime_type}.substr(mime_type.size() - kSubtype.size());
  return equals_ignoring_case(tail, kSubtype);
}

bool matches(const Codec& a, const Codec& b, Matching how) {
  const bool same_name = equals_ignoring_case(a.mime_type, b.mime_type) &&
                         a.clock_rate == b.clock_rate && a.channels == b.channels;
  if (!same_name) return false;

  const auto is = [&](std::string_view type) { return equals_ignoring_case(a.mime_type, type); };
  if (is("audio/multiopus")) return same(a, b, "num_streams") && same(a, b, "coupled_streams");
  if (how == Matching::ByName) return true;
  if (is("video/H264")) return same_h264(a, b);
  if (is("video/VP9")) return same_or_zero(a, b, "profile-id");
  if (is("video/AV1")) return same_av1(a, b);
  return true;
}

const Codec* find_match(const std::vector<Codec>& codecs, const Codec& codec) {
  const auto found = std::ranges::find_if(codecs, [&](const Codec& candidate) {
    return matches(codec, candidate, Matching::ByProfile);
  });
  return found == codecs.end() ? nullptr : &*found;
}

bool repairs(const Codec& rtx, std::uint8_t payload_type) {
  const Scalar* apt = find(rtx.parameters, "apt");
  return rtx.is_rtx() && apt != nullptr && *apt == Scalar{std::int64_t{payload_type}};
}

const Codec* find_rtx(const std::vector<Codec>& codecs, std::uint8_t payload_type) {
  const auto found = std::ranges::find_if(
      codecs, [&](const Codec& candidate) { return repairs(candidate, payload_type); });
  return found == codecs.end() ? nullptr : &*found;
}

}  // namespace rtc::ortc
