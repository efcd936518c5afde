#include "rtc/ortc/consumable.hpp"

#include <algorithm>

#include "rtc/ortc/codec_match.hpp"
#include "rtc/ortc/extension_uris.hpp"
#include "rtc/ortc/h264_profile.hpp"

namespace rtc::ortc {

namespace {

Error bad_mapping(std::string message) {
  return {.code = ErrorCode::BadMapping, .message = std::move(message)};
}

// The router's codec to which the mapping leads; nullptr when there is none or it is another codec.
const Codec* find_mapped(const Codec& codec, const RtpCapabilities& router,
                         const RtpMapping& mapping) {
  const auto entry =
      std::ranges::find(mapping.codecs, *codec.payload_type, &RtpMapping::PayloadType::from);
  if (entry == mapping.codecs.end()) return nullptr;
  const auto found =
      std::ranges::find(router.codecs, std::optional{entry->to}, &Codec::payload_type);
  if (found == router.codecs.end() || !matches(codec, *found, Matching::ByProfile)) return nullptr;
  return &*found;
}

Parameters negotiated(const Codec& producer, const Codec& router) {
  Parameters parameters = producer.parameters;
  if (!equals_ignoring_case(producer.mime_type, "video/H264")) return parameters;
  if (auto answer = h264_answer(producer.parameters, router.parameters)) {
    parameters["profile-level-id"] = std::move(*answer);
  } else {
    parameters.erase("profile-level-id");
  }
  return parameters;
}

Result<std::vector<Codec>> consumable_codecs(const RtpParameters& producer,
                                             const RtpCapabilities& router,
                                             const RtpMapping& mapping) {
  std::vector<Codec> codecs;
  for (const Codec& codec : producer.codecs) {
    if (codec.is_rtx()) continue;
    const Codec* mapped = find_mapped(codec, router, mapping);
    if (mapped == nullptr) return std::unexpected(bad_mapping("the mapping lacks a codec"));
    codecs.push_back(*mapped);
    codecs.back().parameters = negotiated(codec, *mapped);
    if (const Codec* rtx = find_rtx(router.codecs, *mapped->payload_type)) codecs.push_back(*rtx);
  }
  return codecs;
}

bool has_extension(const RtpParameters& parameters, std::string_view uri) {
  return std::ranges::find(parameters.extensions, uri, &Extension::uri) !=
         parameters.extensions.end();
}

std::vector<Extension> consumable_extensions(MediaKind kind, const RtpParameters& producer,
                                             const RtpCapabilities& router) {
  std::vector<Extension> extensions;
  for (const ExtensionCapability& capability : router.extensions) {
    const bool may_send =
        capability.direction == Direction::SendRecv || capability.direction == Direction::SendOnly;
    if (capability.kind != kind || !may_send) continue;
    if (capability.uri == kUriAbsCaptureTime && !has_extension(producer, kUriAbsCaptureTime)) {
      continue;
    }
    extensions.push_back({.uri = capability.uri,
                          .id = capability.preferred_id,
                          .encrypt = capability.preferred_encrypt,
                          .parameters = {}});
  }
  return extensions;
}

}  // namespace

Result<RtpParameters> consumable_parameters(MediaKind kind, const RtpParameters& producer,
                                            const RtpCapabilities& router,
                                            const RtpMapping& mapping) {
  auto codecs = consumable_codecs(producer, router, mapping);
  if (!codecs) return std::unexpected(codecs.error());
  if (mapping.encodings.size() < producer.encodings.size()) {
    return std::unexpected(bad_mapping("the mapping lacks an encoding"));
  }

  RtpParameters consumable{.mid = std::nullopt,
                           .codecs = std::move(*codecs),
                           .extensions = consumable_extensions(kind, producer, router),
                           .encodings = producer.encodings,
                           .rtcp = producer.rtcp,
                           .msid = producer.msid};
  for (std::size_t i = 0; i < consumable.encodings.size(); ++i) {
    Encoding& encoding = consumable.encodings[i];
    encoding.ssrc = mapping.encodings[i].mapped_ssrc;
    encoding.rid.reset();
    encoding.rtx_ssrc.reset();
  }
  return consumable;
}

}  // namespace rtc::ortc
