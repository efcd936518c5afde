// The RTP header extensions that the engine understands.
#pragma once

#include <string_view>

namespace rtc::ortc {

inline constexpr std::string_view kUriMid = "urn:ietf:params:rtp-hdrext:sdes:mid";  // RFC 8843
inline constexpr std::string_view kUriRid =
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";  // RFC 8852
inline constexpr std::string_view kUriRepairedRid =
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";  // RFC 8852
inline constexpr std::string_view kUriAbsSendTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr std::string_view kUriTransportCc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
inline constexpr std::string_view kUriAudioLevel =
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level";  // RFC 6464
inline constexpr std::string_view kUriDependencyDescriptor =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
inline constexpr std::string_view kUriVideoOrientation = "urn:3gpp:video-orientation";
inline constexpr std::string_view kUriToffset = "urn:ietf:params:rtp-hdrext:toffset";  // RFC 5450
inline constexpr std::string_view kUriAbsCaptureTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
inline constexpr std::string_view kUriPlayoutDelay =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
inline constexpr std::string_view kUriVideoLayersAllocation =
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00";

}  // namespace rtc::ortc
