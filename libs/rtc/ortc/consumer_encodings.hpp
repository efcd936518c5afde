// The streams of a consumer.
#pragma once

#include <vector>

#include "base/random.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// One stream for all encodings, see consumer_parameters().
std::vector<Encoding> merged_encoding(const std::vector<Encoding>& consumable, bool rtx,
                                      Random& random);

// Every encoding with SSRCs of its own: a run for media and, with RTX, another for repair.
std::vector<Encoding> piped_encodings(std::vector<Encoding> consumable, bool rtx, Random& random);

// The temporal layers of a scalability mode (W3C WebRTC-SVC), "L1T3" and the like; 1 when the text
// is none.
int temporal_layers_of(std::string_view scalability_mode);

}  // namespace rtc::ortc
