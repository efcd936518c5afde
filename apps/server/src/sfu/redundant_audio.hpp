// Redundant audio (RFC 2198, `audio/red`) in what is agreed with pages. mediasoup, whose results
// rtc/ortc reproduces, does not know it: so it is added here, from outside.
#pragma once

#include "rtc/ortc/types.hpp"

namespace server::sfu {

bool is_red(const rtc::ortc::Codec& codec);

// The codec that the packets are of, redundant or not: the first that is not RED itself; nullptr
// where there is none.
const rtc::ortc::Codec* primary_codec(const std::vector<rtc::ortc::Codec>& codecs);
// 0 where there is none.
std::uint8_t red_payload_type(const std::vector<rtc::ortc::Codec>& codecs);

// Adds RED of the first codec, after all others: who does not ask for it gets that codec alone.
void offer_red(rtc::ortc::RtpCapabilities& capabilities);
// Has RED, where it is there, name the blocks' payload type as it is in `codecs`.
void name_red_blocks(std::vector<rtc::ortc::Codec>& codecs);

}  // namespace server::sfu
