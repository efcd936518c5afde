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

// The layers that a scalability mode (W3C WebRTC-SVC) names, "L3T3_KEY" and the like; one of each
// when the text is none.
struct ScalabilityMode {
  int spatial_layers = 1;
  int temporal_layers = 1;

  static ScalabilityMode parse(std::string_view text);
};

}  // namespace rtc::ortc
