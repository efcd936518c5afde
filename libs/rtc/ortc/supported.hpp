// What the engine can route: its codecs and its header extensions.
#pragma once

#include <vector>

#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// Codecs without RTX, most specific facts first to match: media type, clock rate, channels and, of
// multiopus, the streams. Payload types are set where they are static (RFC 3551 table 4).
const std::vector<Codec>& supported_codecs();

// Every extension with the id that all transports of all routers use for it, so that packets pass
// from one to another without a new header. RecvOnly: we read it from publishers and do not offer
// it to viewers.
const std::vector<ExtensionCapability>& supported_extensions();

}  // namespace rtc::ortc
