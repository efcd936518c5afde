#include "sfu/negotiation.hpp"

#include <algorithm>

#include "rtc/ortc/codec_match.hpp"
#include "rtc/ortc/consumable.hpp"
#include "rtc/ortc/consumer.hpp"
#include "rtc/ortc/consumer_encodings.hpp"
#include "rtc/ortc/decode.hpp"
#include "rtc/ortc/producer_mapping.hpp"
#include "rtc/ortc/router_capabilities.hpp"
#include "sfu/redundant_audio.hpp"

namespace server::sfu {

namespace ortc = rtc::ortc;

namespace {

std::unexpected<http::ApiError> refuse(const ortc::Error& error) {
  const bool is_sound = error.code == ortc::ErrorCode::Unsupported;
  if (is_sound) return http::fail(400, "SFU_ERROR", error.message);
  return std::unexpected(http::invalid_field("rtpParameters", error.message));
}

ortc::Codec offered(ortc::MediaKind kind, std::string mime_type, std::uint32_t clock_rate,
                    std::optional<std::uint8_t> channels, ortc::Parameters parameters) {
  return {.kind = kind,
          .mime_type = std::move(mime_type),
          .payload_type = std::nullopt,
          .clock_rate = clock_rate,
          .channels = channels,
          .parameters = std::move(parameters),
          .feedback = {}};
}

rtc::MediaCodec codec_of(std::string_view mime_type) {
  if (ortc::equals_ignoring_case(mime_type, "video/VP8")) return rtc::MediaCodec::Vp8;
  if (ortc::equals_ignoring_case(mime_type, "video/VP9")) return rtc::MediaCodec::Vp9;
  if (ortc::equals_ignoring_case(mime_type, "video/H264")) return rtc::MediaCodec::H264;
  if (ortc::equals_ignoring_case(mime_type, "video/AV1")) return rtc::MediaCodec::Av1;
  return rtc::MediaCodec::Opaque;
}

rtc::MediaKind kind_of(ortc::MediaKind kind) {
  return kind == ortc::MediaKind::Audio ? rtc::MediaKind::Audio : rtc::MediaKind::Video;
}

rtc::RtpExtensionIds ids_of(const std::vector<ortc::Extension>& extensions) {
  rtc::RtpExtensionIds ids;
  for (const ortc::Extension& extension : extensions) {
    // What we do not know, or what has an id that cannot be, is not looked at.
    if (const auto known = rtc::rtp_extension_of(extension.uri)) ids.set(*known, extension.id);
  }
  return ids;
}

bool is_dependency_descriptor(const ortc::Extension& one) {
  return rtc::rtp_extension_of(one.uri) == rtc::RtpExtension::DependencyDescriptor;
}

// mediasoup keeps the descriptor to itself; so clients do not name it among what they receive.
void describe_dependencies(ortc::RtpCapabilities& capabilities) {
  for (ortc::ExtensionCapability& one : capabilities.extensions) {
    const auto known = rtc::rtp_extension_of(one.uri);
    if (known == rtc::RtpExtension::DependencyDescriptor) one.direction = ortc::Direction::SendRecv;
  }
}

// Chromium decodes several spatial layers of AV1 in one stream by the descriptor alone.
bool needs_dependencies(const NegotiatedProducer& producer) {
  return producer.options.codec == rtc::MediaCodec::Av1 && type_of(producer) == "svc";
}

bool has_nack(const ortc::Codec& codec) {
  return std::ranges::any_of(codec.feedback, [](const ortc::RtcpFeedback& one) {
    return one.type == "nack" && one.parameter.empty();
  });
}

rtc::Producer::Options producer_options(ortc::MediaKind kind, const ortc::RtpParameters& sent,
                                        std::uint32_t feedback_ssrc) {
  const ortc::Codec& codec = *primary_codec(sent.codecs);
  const ortc::Codec* const rtx = ortc::find_rtx(sent.codecs, *codec.payload_type);
  rtc::Producer::Options options{
      .kind = kind_of(kind),
      .codec = codec_of(codec.mime_type),
      .payload_type = *codec.payload_type,
      .rtx_payload_type = rtx == nullptr ? std::uint8_t{0} : *rtx->payload_type,
      .red_payload_type = red_payload_type(sent.codecs),
      .feedback_ssrc = feedback_ssrc,
      .mid = sent.mid.value_or(""),
      .extension_ids = ids_of(sent.extensions),
      .streams = {}};
  for (const ortc::Encoding& encoding : sent.encodings) {
    options.streams.push_back({.ssrc = encoding.ssrc,
                               .rtx_ssrc = encoding.rtx_ssrc,
                               .rid = encoding.rid.value_or(""),
                               .clock_rate = codec.clock_rate,
                               .kind = kind_of(kind),
                               .uses_nack = has_nack(codec)});
  }
  return options;
}

}  // namespace

const ortc::RtpCapabilities& router_capabilities() {
  static const ortc::RtpCapabilities capabilities = [] {
    using enum ortc::MediaKind;
    const std::vector<ortc::Codec> codecs{
        offered(Audio, "audio/opus", 48'000, 2, {}),
        offered(Video, "video/VP8", 90'000, std::nullopt, {}),
        offered(Video, "video/VP9", 90'000, std::nullopt, {{"profile-id", std::int64_t{0}}}),
        offered(Video, "video/H264", 90'000, std::nullopt,
                {{"packetization-mode", std::int64_t{1}},
                 {"profile-level-id", std::string("42e01f")},
                 {"level-asymmetry-allowed", std::int64_t{1}}}),
        offered(Video, "video/AV1", 90'000, std::nullopt, {})};
    ortc::RtpCapabilities all = ortc::router_capabilities(codecs).value();
    offer_red(all);
    describe_dependencies(all);
    return all;
  }();
  return capabilities;
}

json::object describe_ice(const rtc::IceCredentials& credentials) {
  return {{"usernameFragment", credentials.username_fragment},
          {"password", credentials.password},
          {"iceLite", true}};
}

json::object describe_transport(const std::string& id, const rtc::IceCredentials& credentials,
                                const std::vector<rtc::IceCandidate>& candidates,
                                const rtc::DtlsIdentity& identity) {
  json::array shown;
  for (const rtc::IceCandidate& candidate : candidates) {
    const std::string address = candidate.endpoint.address.to_string();
    const bool is_udp = candidate.protocol == rtc::IceProtocol::Udp;
    json::object one{{"foundation", candidate.foundation},
                     {"priority", candidate.priority},
                     {"address", address},
                     {"ip", address},
                     {"protocol", is_udp ? "udp" : "tcp"},
                     {"port", candidate.endpoint.port},
                     {"type", "host"}};
    if (!is_udp) one["tcpType"] = "passive";
    shown.push_back(std::move(one));
  }
  json::array fingerprints;
  // The client takes the last one.
  for (const auto hash : {rtc::DtlsHash::Sha512, rtc::DtlsHash::Sha384, rtc::DtlsHash::Sha256}) {
    fingerprints.push_back(
        {{"algorithm", rtc::name_of(hash)}, {"value", identity.fingerprint(hash).to_string()}});
  }
  return {{"id", id},
          {"iceParameters", describe_ice(credentials)},
          {"iceCandidates", std::move(shown)},
          {"dtlsParameters", {{"role", "auto"}, {"fingerprints", std::move(fingerprints)}}}};
}

http::Result<RemoteDtls> read_dtls_parameters(const json::value& value) {
  const auto invalid = [](std::string message) {
    return std::unexpected(http::invalid_field("dtlsParameters", std::move(message)));
  };
  constexpr std::size_t kFingerprintsMax = 16;
  if (!value.is_object()) return invalid("must be an object");
  const json::object& object = value.get_object();
  RemoteDtls remote;
  if (const json::value* role = object.if_contains("role")) {
    if (!role->is_string()) return invalid("role must be client, server or auto");
    const std::string_view text = role->get_string();
    if (text != "client" && text != "server" && text != "auto") {
      return invalid("role must be client, server or auto");
    }
    // RFC 8842: whoever answers `actpass` may choose, and we are whom `auto` waits for.
    remote.role = text == "client" ? rtc::DtlsRole::Server : rtc::DtlsRole::Client;
  } else {
    remote.role = rtc::DtlsRole::Client;
  }
  const json::value* const list = object.if_contains("fingerprints");
  if (list == nullptr || !list->is_array() || list->get_array().empty() ||
      list->get_array().size() > kFingerprintsMax) {
    return invalid("fingerprints must be a list of 1 to 16");
  }
  bool is_found = false;
  for (const json::value& one : list->get_array()) {
    const json::object* const print = one.if_object();
    const json::value* const algorithm = print ? print->if_contains("algorithm") : nullptr;
    const json::value* const text = print ? print->if_contains("value") : nullptr;
    if (!algorithm || !text || !algorithm->is_string() || !text->is_string()) {
      return invalid("a fingerprint is {algorithm, value}");
    }
    const auto hash = rtc::dtls_hash_of(algorithm->get_string());
    if (!hash) continue;
    const auto parsed = rtc::DtlsFingerprint::parse(*hash, text->get_string());
    if (!parsed) return invalid("a fingerprint's value is not of its algorithm");
    if (!is_found || parsed->size > remote.fingerprint.size) remote.fingerprint = *parsed;
    is_found = true;
  }
  if (!is_found) return invalid("no fingerprint of sha-256, sha-384 or sha-512");
  return remote;
}

http::Result<ortc::RtpCapabilities> read_capabilities(const json::value& value) {
  auto capabilities = ortc::decode_capabilities(value);
  if (!capabilities) {
    return std::unexpected(
        http::invalid_field("rtpCapabilities", std::move(capabilities.error().message)));
  }
  return std::move(*capabilities);
}

http::Result<NegotiatedProducer> negotiate_producer(std::string_view kind,
                                                    const json::value& rtp_parameters,
                                                    Random& random) {
  const auto media = ortc::decode_kind(json::value(kind));
  if (!media) return std::unexpected(http::invalid_field("kind", "must be audio or video"));
  const auto sent = ortc::decode_producer_parameters(rtp_parameters);
  if (!sent) return refuse(sent.error());
  const ortc::Codec* const codec = primary_codec(sent->codecs);
  if (codec == nullptr || codec->is_rtx() || codec->kind != *media) {
    return std::unexpected(http::invalid_field("rtpParameters", "the first codec is none of kind"));
  }
  const auto mapping = ortc::producer_mapping(*sent, router_capabilities(), random);
  if (!mapping) return refuse(mapping.error());
  auto consumable = ortc::consumable_parameters(*media, *sent, router_capabilities(), *mapping);
  if (!consumable) return refuse(consumable.error());
  name_red_blocks(consumable->codecs);
  return NegotiatedProducer{.kind = *media,
                            .consumable = std::move(*consumable),
                            .options = producer_options(*media, *sent, random.u32() | 1U)};
}

rtc::Producer::Options piped(const NegotiatedProducer& producer) {
  rtc::Producer::Options options = producer.options;
  options.rtx_payload_type = 0;
  options.mid.clear();
  for (std::size_t i = 0; i < options.streams.size(); ++i) {
    rtc::ProducerStream::Options& stream = options.streams[i];
    stream.ssrc = producer.consumable.encodings[i].ssrc;
    stream.rtx_ssrc.reset();
    stream.rid.clear();
    stream.uses_nack = options.kind == rtc::MediaKind::Video;
  }
  return options;
}

http::Result<NegotiatedConsumer> negotiate_consumer(const NegotiatedProducer& producer,
                                                    const ortc::RtpCapabilities& receiver,
                                                    const std::string& mid, Random& random) {
  const auto lacks_codec = [] {
    return http::fail(400, "SFU_ERROR", "the receiver has no codec for this producer");
  };
  if (!ortc::can_consume(producer.consumable, receiver)) return lacks_codec();
  auto agreed = ortc::consumer_parameters(producer.consumable, receiver, {}, random);
  if (!agreed) return refuse(agreed.error());
  agreed->mid = mid;
  if (!needs_dependencies(producer)) std::erase_if(agreed->extensions, is_dependency_descriptor);
  if (primary_codec(agreed->codecs) == nullptr) return lacks_codec();
  const ortc::Codec& codec = *primary_codec(agreed->codecs);
  const ortc::Codec* const rtx = ortc::find_rtx(agreed->codecs, *codec.payload_type);
  const ortc::Encoding& encoding = agreed->encodings.front();
  NegotiatedConsumer made;
  made.options.ssrc = *encoding.ssrc;
  made.options.payload_type = *codec.payload_type;
  if (rtx != nullptr) made.options.rtx_ssrc = encoding.rtx_ssrc;
  made.options.rtx_payload_type = rtx == nullptr ? std::uint8_t{0} : *rtx->payload_type;
  made.options.red_payload_type = red_payload_type(agreed->codecs);
  made.options.clock_rate = codec.clock_rate;
  made.options.kind = kind_of(producer.kind);
  made.options.cname = agreed->rtcp.cname.value_or("");
  made.options.mid = mid;
  made.options.extension_ids = ids_of(agreed->extensions);
  made.options.first_sequence = static_cast<std::uint16_t>(random.u32() & 0x7FFF);
  made.options.paused = true;
  made.parameters = std::move(*agreed);
  return made;
}

std::string_view type_of(const NegotiatedProducer& producer) {
  if (producer.options.streams.size() > 1) return "simulcast";
  const bool knows_layers = producer.options.codec == rtc::MediaCodec::Vp9 ||
                            producer.options.codec == rtc::MediaCodec::Av1;
  const auto& mode = producer.consumable.encodings.front().scalability_mode;
  const auto layers = ortc::ScalabilityMode::parse(mode.value_or(""));
  const bool is_layered = layers.spatial_layers > 1 || layers.temporal_layers > 1;
  return knows_layers && is_layered ? "svc" : "simple";
}

}  // namespace server::sfu
