// How the numbers of a producer become those of its router.
#pragma once

#include "base/random.hpp"
#include "rtc/ortc/error.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// Finds the router's payload type for each codec of the producer, media codecs first and then RTX,
// and an SSRC of ours for each of its encodings: a run that begins at random.
// Errors: Unsupported (a codec, or its RTX, that the router does not have), BadApt.
Result<RtpMapping> producer_mapping(const RtpParameters& producer, const RtpCapabilities& router,
                                    Random& random);

}  // namespace rtc::ortc
