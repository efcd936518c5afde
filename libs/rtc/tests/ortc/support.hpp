// Short ways to say codecs and parameters in tests of rtc/ortc.
#pragma once

#include <boost/json.hpp>
#include <string_view>

#include "rtc/ortc/decode.hpp"
#include "rtc/ortc/router_capabilities.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

inline boost::json::value json_of(std::string_view text) { return boost::json::parse(text); }

inline Codec codec_of(std::string_view mime_type, std::uint32_t clock_rate,
                      Parameters parameters = {},
                      std::optional<std::uint8_t> channels = std::nullopt) {
  Codec codec;
  codec.kind = mime_type.starts_with("audio") ? MediaKind::Audio : MediaKind::Video;
  codec.mime_type = mime_type;
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  codec.parameters = std::move(parameters);
  return codec;
}

inline Codec opus() { return codec_of("audio/opus", 48'000, {}, 2); }
inline Codec vp8() { return codec_of("video/VP8", 90'000); }
inline Codec h264(std::string_view profile_level_id, std::int64_t packetization_mode = 1) {
  return codec_of("video/H264", 90'000,
                  {{"profile-level-id", std::string(profile_level_id)},
                   {"packetization-mode", packetization_mode},
                   {"level-asymmetry-allowed", std::int64_t{1}}});
}

// A router with opus (100), VP8 (101, RTX 102) and H264 (103, RTX 104).
inline RtpCapabilities router() { return *router_capabilities({opus(), vp8(), h264("42e01f")}); }

// A producer of VP8 (96, RTX 97) with these encodings.
inline RtpParameters vp8_producer(std::vector<Encoding> encodings) {
  RtpParameters producer;
  producer.codecs = {vp8(), codec_of("video/rtx", 90'000, {{"apt", std::int64_t{96}}})};
  producer.codecs[0].payload_type = 96;
  producer.codecs[1].payload_type = 97;
  producer.encodings = std::move(encodings);
  producer.rtcp.cname = "cname";
  return producer;
}

}  // namespace rtc::ortc
