#include "sfu/redundant_audio.hpp"

#include <algorithm>

#include "rtc/ortc/codec_match.hpp"

namespace server::sfu {

namespace ortc = rtc::ortc;

namespace {

// "100/100", a copy before each frame. SDP's `a=fmtp` has no name for it (RFC 2198 section 5): so
// mediasoup-client writes "=100/100", which libwebrtc reads as meant, unlike "100/100=".
ortc::Parameters blocks_of(std::uint8_t payload_type) {
  const std::string type = std::to_string(payload_type);
  return {{"", type + "/" + type}};
}

}  // namespace

bool is_red(const ortc::Codec& codec) {
  return ortc::equals_ignoring_case(codec.mime_type, "audio/red");
}

const ortc::Codec* primary_codec(const std::vector<ortc::Codec>& codecs) {
  const auto found = std::ranges::find_if_not(codecs, is_red);
  return found == codecs.end() ? nullptr : &*found;
}

std::uint8_t red_payload_type(const std::vector<ortc::Codec>& codecs) {
  const auto found = std::ranges::find_if(codecs, is_red);
  return found == codecs.end() ? std::uint8_t{0} : *found->payload_type;
}

void offer_red(ortc::RtpCapabilities& capabilities) {
  ortc::Codec red = capabilities.codecs.front();
  red.mime_type = "audio/red";
  red.parameters = blocks_of(*red.payload_type);
  red.payload_type = static_cast<std::uint8_t>(*capabilities.codecs.back().payload_type + 1);
  capabilities.codecs.push_back(std::move(red));
}

void name_red_blocks(std::vector<ortc::Codec>& codecs) {
  const ortc::Codec* const primary = primary_codec(codecs);
  const auto red = std::ranges::find_if(codecs, is_red);
  if (primary == nullptr || red == codecs.end()) return;
  red->parameters = blocks_of(*primary->payload_type);
}

}  // namespace server::sfu
