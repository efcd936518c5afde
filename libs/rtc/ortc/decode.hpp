// JSON values of a peer become structs, or an Error that names the first mistake.
//
// All input is hostile: counts, sizes and ranges are bounded here (types.hpp has the bounds), the
// nesting depth by whoever parses the text. Unknown fields are ignored, except those of encodings,
// which travel on.
#pragma once

#include <boost/json/fwd.hpp>
#include <vector>

#include "rtc/ortc/error.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// What a device or a router can handle.
Result<RtpCapabilities> decode_capabilities(const boost::json::value& value);

// A router's own capabilities: as above, and every codec has its payload type.
Result<RtpCapabilities> decode_router_capabilities(const boost::json::value& value);

// The codecs that a router is to offer.
Result<std::vector<Codec>> decode_media_codecs(const boost::json::value& value);

// RTP parameters as a router or a consumer has them.
Result<RtpParameters> decode_parameters(const boost::json::value& value);

// RTP parameters that a producer sends: without an encoding they get an empty one; payload types,
// SSRCs and RIDs are unique, and every RTX codec names its media codec.
Result<RtpParameters> decode_producer_parameters(const boost::json::value& value);

Result<RtpMapping> decode_mapping(const boost::json::value& value);

// "audio" or "video".
Result<MediaKind> decode_kind(const boost::json::value& value);

}  // namespace rtc::ortc
