// Structs become the JSON that mediasoup-client reads; what is absent stays out.
#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>

#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

std::string_view word_of(MediaKind kind);
boost::json::object encode(const RtpCapabilities& capabilities);
boost::json::object encode(const RtpParameters& parameters);
boost::json::object encode(const RtpMapping& mapping);

}  // namespace rtc::ortc
