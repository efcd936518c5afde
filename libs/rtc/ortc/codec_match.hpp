// When two codecs are the same one.
#pragma once

#include <string_view>

#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// ASCII letters alone: that is all that media types are made of (RFC 6838 section 4.2).
bool equals_ignoring_case(std::string_view a, std::string_view b);

enum class Matching : std::uint8_t {
  ByName,     // media type, clock rate, channels; a multiopus also by its streams
  ByProfile,  // and so that one end can decode what the other sends
};

// Whether `a` and `b` are the same codec. ByProfile also compares H264's packetization-mode and
// profile (RFC 6184 section 8.2.2), VP9's profile-id (RFC 9628 section 6), and the profile of AV1
// where both ends name one (AV1 RTP specification 1.0 section 7.2). The level of H264 does not
// matter here, see h264_answer. RTX matches RTX, whatever it repairs.
bool matches(const Codec& a, const Codec& b, Matching how);

// The first media or RTX codec of `codecs` that matches ByProfile; nullptr when none does.
const Codec* find_match(const std::vector<Codec>& codecs, const Codec& codec);

// The first RTX codec of `codecs` that repairs `payload_type`; nullptr when there is none.
const Codec* find_rtx(const std::vector<Codec>& codecs, std::uint8_t payload_type);

// Whether `rtx` repairs `payload_type`.
bool repairs(const Codec& rtx, std::uint8_t payload_type);

}  // namespace rtc::ortc
