// A producer as its router sees it: what every consumer of it is made from.
#pragma once

#include "rtc/ortc/error.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// The producer's codecs with the router's payload types, feedback and RTX, and its own format
// parameters with the negotiated level of H264; the router's extensions of this kind that it may
// send (abs-capture-time only if the producer has it, since we cannot invent it); the producer's
// encodings with the mapped SSRCs and without RIDs and RTX.
// Errors: BadMapping, when `mapping` is not that of this producer and this router.
Result<RtpParameters> consumable_parameters(MediaKind kind, const RtpParameters& producer,
                                            const RtpCapabilities& router,
                                            const RtpMapping& mapping);

}  // namespace rtc::ortc
