// The part of decoding that capabilities and parameters share: codecs and format parameters.
#pragma once

#include <boost/json/fwd.hpp>

#include "rtc/ortc/fields.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

inline constexpr std::uint64_t kPayloadTypeMax = 127;  // RFC 3550 section 5.1

// A codec that an endpoint can handle: its preferred payload type may be absent.
Codec read_codec_capability(const boost::json::value& value, Mistake& mistake);

// A codec in use: its payload type is required.
Codec read_codec_in_use(const boost::json::value& value, Mistake& mistake);

// The field `parameters` of `owner`, a codec or an extension: texts and numbers, `apt` a number.
// Empty when it is no object.
Parameters read_parameters(Fields& owner, Mistake& mistake);

}  // namespace rtc::ortc
