#include "rtc/ortc/consumer.hpp"

#include <algorithm>

#include "rtc/ortc/codec_match.hpp"
#include "rtc/ortc/consumer_encodings.hpp"
#include "rtc/ortc/extension_uris.hpp"
#include "rtc/ortc/supported.hpp"

namespace rtc::ortc {

namespace {

bool is_plain_nack(const RtcpFeedback& one) { return one.type == "nack" && one.parameter.empty(); }

void drop_feedback(std::vector<Codec>& codecs, std::string_view type) {
  for (Codec& codec : codecs) {
    std::erase_if(codec.feedback, [&](const RtcpFeedback& one) { return one.type == type; });
  }
}

bool has_extension(const RtpParameters& parameters, std::string_view uri) {
  return std::ranges::find(parameters.extensions, uri, &Extension::uri) !=
         parameters.extensions.end();
}

bool has_codec(const std::vector<Codec>& codecs, const Codec& rtx) {
  return std::ranges::any_of(codecs,
                             [&](const Codec& one) { return repairs(rtx, *one.payload_type); });
}

// The codecs of the consumable that the receiver has, with the receiver's feedback.
std::vector<Codec> common_codecs(const std::vector<Codec>& consumable,
                                 const RtpCapabilities& receiver, bool enable_rtx) {
  std::vector<Codec> codecs;
  for (const Codec& codec : consumable) {
    if (codec.is_rtx() && !enable_rtx) continue;
    const Codec* match = find_match(receiver.codecs, codec);
    if (match == nullptr) continue;
    codecs.push_back(codec);
    codecs.back().feedback = match->feedback;
    if (!enable_rtx) std::erase_if(codecs.back().feedback, is_plain_nack);
  }
  // From the back, so that RTX which leaves is gone when RTX before it is looked at.
  for (auto codec = codecs.end(); codec != codecs.begin();) {
    --codec;
    if (codec->is_rtx() && !has_codec(codecs, *codec)) codec = codecs.erase(codec);
  }
  return codecs;
}

// One estimate of the way to the receiver is enough, and each kind needs its extension.
void choose_bandwidth_feedback(RtpParameters& parameters) {
  const bool transport_cc = has_extension(parameters, kUriTransportCc);
  const bool remb = !transport_cc && has_extension(parameters, kUriAbsSendTime);
  if (!remb) drop_feedback(parameters.codecs, "goog-remb");
  if (!transport_cc) drop_feedback(parameters.codecs, "transport-cc");
}

bool enables_rtx_by_default(const RtpParameters& consumable) {
  return !consumable.codecs.empty() && consumable.codecs.front().kind == MediaKind::Video;
}

std::vector<Extension> common_extensions(const std::vector<Extension>& consumable,
                                         const RtpCapabilities& receiver) {
  std::vector<Extension> extensions;
  for (const Extension& extension : consumable) {
    const auto is_same = [&](const ExtensionCapability& one) {
      return one.preferred_id == extension.id && one.uri == extension.uri;
    };
    if (std::ranges::any_of(receiver.extensions, is_same)) extensions.push_back(extension);
  }
  return extensions;
}

// Where ids are in order, at its place among them.
void add_dependency_descriptor(std::vector<Extension>& extensions) {
  const auto& supported = supported_extensions();
  const auto capability =
      std::ranges::find(supported, kUriDependencyDescriptor, &ExtensionCapability::uri);
  const bool is_taken = std::ranges::any_of(extensions, [&](const Extension& one) {
    return one.uri == capability->uri || one.id == capability->preferred_id;
  });
  if (is_taken) return;
  extensions.push_back({.uri = capability->uri,
                        .id = capability->preferred_id,
                        .encrypt = capability->preferred_encrypt,
                        .parameters = {}});
  std::ranges::sort(extensions, {}, &Extension::id);
}

}  // namespace

bool can_consume(const RtpParameters& consumable, const RtpCapabilities& receiver) {
  const auto first = std::ranges::find_if(consumable.codecs, [&](const Codec& codec) {
    return find_match(receiver.codecs, codec) != nullptr;
  });
  return first != consumable.codecs.end() && !first->is_rtx();
}

Result<RtpParameters> consumer_parameters(const RtpParameters& consumable,
                                          const RtpCapabilities& receiver,
                                          const ConsumerOptions& options, Random& random) {
  const bool enable_rtx = options.enable_rtx.value_or(enables_rtx_by_default(consumable));
  RtpParameters consumer;
  consumer.codecs = common_codecs(consumable.codecs, receiver, enable_rtx);
  if (consumer.codecs.empty() || consumer.codecs.front().is_rtx()) {
    return std::unexpected(
        Error{.code = ErrorCode::Unsupported, .message = "no codec that the receiver has"});
  }
  consumer.extensions = common_extensions(consumable.extensions, receiver);
  choose_bandwidth_feedback(consumer);
  const bool has_rtx = std::ranges::any_of(consumer.codecs, &Codec::is_rtx);
  consumer.encodings = options.pipe ? piped_encodings(consumable.encodings, has_rtx, random)
                                    : merged_encoding(consumable.encodings, has_rtx, random);
  consumer.rtcp = consumable.rtcp;
  consumer.msid = consumable.msid;
  return consumer;
}

RtpParameters pipe_consumer_parameters(const RtpParameters& consumable, bool enable_rtx,
                                       Random& random) {
  RtpParameters consumer = consumable;
  consumer.mid.reset();
  if (!enable_rtx) std::erase_if(consumer.codecs, &Codec::is_rtx);
  const RtcpFeedback pli{"nack", "pli"};
  const RtcpFeedback fir{"ccm", "fir"};
  for (Codec& codec : consumer.codecs) {
    std::erase_if(codec.feedback, [&](const RtcpFeedback& one) {
      return one != pli && one != fir && !(enable_rtx && is_plain_nack(one));
    });
  }
  std::erase_if(consumer.extensions, [](const Extension& one) {
    return one.uri == kUriMid || one.uri == kUriAbsSendTime || one.uri == kUriTransportCc;
  });
  add_dependency_descriptor(consumer.extensions);
  consumer.encodings = piped_encodings(consumable.encodings, enable_rtx, random);
  return consumer;
}

}  // namespace rtc::ortc
