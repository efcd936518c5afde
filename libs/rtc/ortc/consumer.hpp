// What a receiver gets of a consumable: the part that it can take, as one stream or as all of them.
#pragma once

#include <optional>

#include "base/random.hpp"
#include "rtc/ortc/error.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// Whether a receiver has a media codec of the consumable, its first one included or left out as a
// whole: what begins with RTX cannot be consumed.
bool can_consume(const RtpParameters& consumable, const RtpCapabilities& receiver);

struct ConsumerOptions {
  bool pipe = false;               // keeps all encodings, where a browser gets one
  std::optional<bool> enable_rtx;  // by default on for video, off for audio
};

// Parameters for a consumer, without `mid`.
//
// Codecs that the receiver lacks are left out, and so is RTX whose codec is left out. Feedback is
// the receiver's: with transport-cc no goog-remb, with abs-send-time alone no transport-cc, with
// neither none of both; without RTX no plain nack. Extensions are those whose uri and id the
// receiver has, for whatever kind of media. Several encodings become one: its scalability mode has
// as many spatial layers as there were encodings, its bitrate is the largest, RTX has the next
// SSRC. Errors: Unsupported, when no media codec is left.
Result<RtpParameters> consumer_parameters(const RtpParameters& consumable,
                                          const RtpCapabilities& receiver,
                                          const ConsumerOptions& options, Random& random);

// Parameters for a consumer at another router of ours: all codecs and encodings; key-frame
// requests, and nack with RTX, as the only feedback; every extension but those of one transport
// (mid, abs-send-time, transport-cc), and the dependency descriptor, which that router needs to
// choose layers although viewers are not offered it.
RtpParameters pipe_consumer_parameters(const RtpParameters& consumable, bool enable_rtx,
                                       Random& random);

}  // namespace rtc::ortc
