// What a router offers, made from the codecs that it is to have.
#pragma once

#include <vector>

#include "rtc/ortc/error.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// Each media codec as the engine supports it, with the given parameters laid over its own, followed
// by RTX if it is video; and all header extensions.
//
// A codec keeps the payload type that it is given, else its static one, else takes the next
// dynamic one: 100 to 127, then 96 to 99.
// Errors: Unsupported, DuplicatePayloadType, NoPayloadTypeLeft.
Result<RtpCapabilities> router_capabilities(const std::vector<Codec>& media_codecs);

}  // namespace rtc::ortc
