#include "rtc/ortc/supported.hpp"

#include <utility>

#include "rtc/ortc/extension_uris.hpp"

namespace rtc::ortc {

namespace {

using Feedback = std::vector<RtcpFeedback>;

Codec audio(std::string_view subtype, std::uint32_t clock_rate, std::uint8_t channels,
            Feedback feedback, std::optional<std::uint8_t> payload_type = std::nullopt) {
  return {.kind = MediaKind::Audio,
          .mime_type = std::string("audio/").append(subtype),
          .payload_type = payload_type,
          .clock_rate = clock_rate,
          .channels = channels,
          .parameters = {},
          .feedback = std::move(feedback)};
}

// Opus of more than two channels, as Chromium has it: the mapping is that of Vorbis
// (RFC 7845 section 5.1.1.2).
Codec multiopus(std::uint8_t channels, std::int64_t streams, std::int64_t coupled,
                std::string mapping, Feedback feedback) {
  Codec codec = audio("multiopus", 48'000, channels, std::move(feedback));
  codec.parameters = {{"channel_mapping", std::move(mapping)},
                      {"num_streams", streams},
                      {"coupled_streams", coupled}};
  return codec;
}

Codec video(std::string_view subtype, Parameters parameters = {}) {
  return {
      .kind = MediaKind::Video,
      .mime_type = std::string("video/").append(subtype),
      .payload_type = std::nullopt,
      .clock_rate = 90'000,
      .channels = std::nullopt,
      .parameters = std::move(parameters),
      .feedback = {
          {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}, {"transport-cc", ""}}};
}

std::vector<Codec> make_codecs() {
  const Feedback repaired{{"nack", ""}, {"transport-cc", ""}};
  const Feedback counted{{"transport-cc", ""}};
  return {
      audio("opus", 48'000, 2, repaired),
      multiopus(4, 2, 2, "0,1,2,3", repaired),
      multiopus(6, 4, 2, "0,4,1,2,3,5", repaired),
      multiopus(8, 5, 3, "0,6,1,2,3,4,5,7", repaired),
      audio("PCMU", 8'000, 1, counted, 0),
      audio("PCMA", 8'000, 1, counted, 8),
      audio("ISAC", 32'000, 1, counted),
      audio("ISAC", 16'000, 1, counted),
      audio("G722", 8'000, 1, counted, 9),  // 8 kHz by an old mistake (RFC 3551 section 4.5.2)
      audio("iLBC", 8'000, 1, counted),
      audio("SILK", 24'000, 1, counted),
      audio("SILK", 16'000, 1, counted),
      audio("SILK", 12'000, 1, counted),
      audio("SILK", 8'000, 1, counted),
      audio("CN", 32'000, 1, {}, 13),
      audio("CN", 16'000, 1, {}, 13),
      audio("CN", 8'000, 1, {}, 13),
      audio("telephone-event", 48'000, 1, {}),
      audio("telephone-event", 32'000, 1, {}),
      audio("telephone-event", 16'000, 1, {}),
      audio("telephone-event", 8'000, 1, {}),
      video("VP8"),
      video("VP9"),
      video("H264", {{"level-asymmetry-allowed", std::int64_t{1}}}),
      video("AV1"),
  };
}

ExtensionCapability extension(MediaKind kind, std::string_view uri, std::uint8_t id,
                              Direction direction = Direction::SendRecv) {
  return {.kind = kind,
          .uri = std::string(uri),
          .preferred_id = id,
          .preferred_encrypt = false,
          .direction = direction};
}

std::vector<ExtensionCapability> make_extensions() {
  using enum MediaKind;
  using enum Direction;
  return {
      extension(Audio, kUriMid, 1),
      extension(Video, kUriMid, 1),
      extension(Video, kUriRid, 2, RecvOnly),
      extension(Video, kUriRepairedRid, 3, RecvOnly),
      extension(Audio, kUriAbsSendTime, 4),
      extension(Video, kUriAbsSendTime, 4),
      extension(Audio, kUriTransportCc, 5, RecvOnly),  // the way out is estimated from video
      extension(Video, kUriTransportCc, 5),
      extension(Audio, kUriAudioLevel, 6),
      extension(Video, kUriDependencyDescriptor, 7, RecvOnly),
      extension(Video, kUriVideoOrientation, 8),
      extension(Video, kUriToffset, 9),
      extension(Audio, kUriAbsCaptureTime, 10),
      extension(Video, kUriAbsCaptureTime, 10),
      extension(Audio, kUriPlayoutDelay, 11),
      extension(Video, kUriPlayoutDelay, 11),
      extension(Video, kUriVideoLayersAllocation, 12, RecvOnly),
  };
}

}  // namespace

const std::vector<Codec>& supported_codecs() {
  static const std::vector<Codec> codecs = make_codecs();
  return codecs;
}

const std::vector<ExtensionCapability>& supported_extensions() {
  static const std::vector<ExtensionCapability> extensions = make_extensions();
  return extensions;
}

}  // namespace rtc::ortc
