#include "rtc/ortc/decode.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <set>

#include "rtc/ortc/codec_match.hpp"
#include "rtc/ortc/decode_codec.hpp"
#include "rtc/ortc/fields.hpp"

namespace rtc::ortc {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kExtensionIdMax = 255;  // two-byte headers (RFC 8285 section 4.3)
constexpr std::uint64_t kUint32Max = UINT32_MAX;
constexpr double kBitrateMax = 1e15;  // bits/s

// A word that we do not know is a direction in which nothing flows.
Direction direction_of(const std::optional<std::string>& word) {
  if (!word || word->empty() || *word == "sendrecv") return Direction::SendRecv;
  if (*word == "sendonly") return Direction::SendOnly;
  if (*word == "recvonly") return Direction::RecvOnly;
  return Direction::Inactive;
}

std::optional<MediaKind> kind_named(const json::value* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  if (value->get_string() == "audio") return MediaKind::Audio;
  if (value->get_string() == "video") return MediaKind::Video;
  return std::nullopt;
}

ExtensionCapability read_extension_capability(const json::value& value, Mistake& mistake) {
  Fields in(value, "headerExtension", mistake);
  const auto kind = kind_named(in.any("kind"));
  if (!kind) in.refuse(ErrorCode::Malformed, "kind", " must be audio or video");
  return {.kind = kind.value_or(MediaKind::Audio),
          .uri = in.text("uri"),
          .preferred_id = static_cast<std::uint8_t>(in.integer("preferredId", 1, kExtensionIdMax)),
          .preferred_encrypt = in.optional_boolean("preferredEncrypt").value_or(false),
          .direction = direction_of(in.optional_text("direction"))};
}

Extension read_extension(const json::value& value, Mistake& mistake) {
  Fields in(value, "headerExtension", mistake);
  return {.uri = in.text("uri"),
          .id = static_cast<std::uint8_t>(in.integer("id", 1, kExtensionIdMax)),
          .encrypt = in.optional_boolean("encrypt").value_or(false),
          .parameters = read_parameters(in, mistake)};
}

std::optional<std::uint32_t> read_ssrc(Fields& in, std::string_view name) {
  const auto ssrc = in.optional_integer(name, 0, kUint32Max);
  if (!ssrc) return std::nullopt;
  return static_cast<std::uint32_t>(*ssrc);
}

Encoding read_encoding(const json::value& value, Mistake& mistake) {
  Fields in(value, "encoding", mistake);
  Encoding encoding;
  encoding.ssrc = read_ssrc(in, "ssrc");
  encoding.rid = in.optional_text("rid");
  if (const json::value* rtx = in.optional_object("rtx")) {
    Fields repair(*rtx, "encoding.rtx", mistake);
    encoding.rtx_ssrc = static_cast<std::uint32_t>(repair.integer("ssrc", 0, kUint32Max));
  }
  encoding.dtx = in.lenient_boolean("dtx");
  encoding.scalability_mode = in.optional_text("scalabilityMode");
  encoding.max_bitrate = in.optional_number("maxBitrate", 0, kBitrateMax);
  encoding.other = in.scalars();
  for (const std::string_view known :
       {"ssrc", "rid", "rtx", "dtx", "scalabilityMode", "maxBitrate", "codecPayloadType"}) {
    if (const auto found = encoding.other.find(known); found != encoding.other.end()) {
      encoding.other.erase(found);
    }
  }
  return encoding;
}

RtpCapabilities read_capabilities(const json::value& value, Mistake& mistake) {
  Fields in(value, "capabilities", mistake);
  RtpCapabilities capabilities;
  for (const json::value& one : in.optional_list("codecs", kCodecsMax)) {
    capabilities.codecs.push_back(read_codec_capability(one, mistake));
  }
  for (const json::value& one : in.optional_list("headerExtensions", kExtensionsMax)) {
    capabilities.extensions.push_back(read_extension_capability(one, mistake));
  }
  return capabilities;
}

RtpParameters read_rtp_parameters(const json::value& value, Mistake& mistake) {
  Fields in(value, "parameters", mistake);
  RtpParameters parameters;
  parameters.mid = in.optional_text("mid");
  parameters.msid = in.optional_text("msid");
  for (const json::value& one : in.list("codecs", kCodecsMax)) {
    parameters.codecs.push_back(read_codec_in_use(one, mistake));
  }
  for (const json::value& one : in.optional_list("headerExtensions", kExtensionsMax)) {
    parameters.extensions.push_back(read_extension(one, mistake));
  }
  for (const json::value& one : in.optional_list("encodings", kEncodingsMax)) {
    parameters.encodings.push_back(read_encoding(one, mistake));
  }
  if (const json::value* rtcp = in.optional_object("rtcp")) {
    parameters.rtcp.cname = Fields(*rtcp, "rtcp", mistake).optional_text("cname");
  }
  return parameters;
}

// A value is unique among those before it.
template <class Value>
void require_unique(std::set<Value>& seen, const std::optional<Value>& value, ErrorCode code,
                    std::string_view field, Mistake& mistake) {
  if (value && !seen.insert(*value).second) {
    mistake.note(code, "parameters", field, " occurs twice");
  }
}

void require_unique_numbers(const RtpParameters& parameters, Mistake& mistake) {
  std::set<std::uint8_t> payload_types;
  for (const Codec& codec : parameters.codecs) {
    require_unique(payload_types, codec.payload_type, ErrorCode::DuplicatePayloadType,
                   "payloadType", mistake);
  }
  std::set<std::uint32_t> ssrcs;
  std::set<std::string> rids;
  for (const Encoding& encoding : parameters.encodings) {
    require_unique(ssrcs, encoding.ssrc, ErrorCode::DuplicateSsrc, "ssrc", mistake);
    require_unique(ssrcs, encoding.rtx_ssrc, ErrorCode::DuplicateSsrc, "rtx.ssrc", mistake);
    require_unique(rids, encoding.rid, ErrorCode::DuplicateRid, "rid", mistake);
  }
}

void require_repaired_codecs(const RtpParameters& parameters, Mistake& mistake) {
  for (const Codec& rtx : parameters.codecs) {
    const bool has_codec = std::ranges::any_of(parameters.codecs, [&](const Codec& one) {
      return !one.is_rtx() && repairs(rtx, *one.payload_type);
    });
    if (rtx.is_rtx() && !has_codec) {
      mistake.note(ErrorCode::BadApt, "parameters", "apt", " of an RTX codec names no media codec");
    }
  }
}

template <class T>
Result<T> result_of(T value, const Mistake& mistake) {
  if (mistake.found()) return std::unexpected(mistake.error());
  return value;
}

}  // namespace

Result<RtpCapabilities> decode_capabilities(const json::value& value) {
  Mistake mistake;
  auto capabilities = read_capabilities(value, mistake);
  return result_of(std::move(capabilities), mistake);
}

Result<RtpCapabilities> decode_router_capabilities(const json::value& value) {
  Mistake mistake;
  auto capabilities = read_capabilities(value, mistake);
  for (const Codec& codec : capabilities.codecs) {
    if (codec.payload_type) continue;
    mistake.note(ErrorCode::Malformed, "codec", "preferredPayloadType", " is missing");
  }
  return result_of(std::move(capabilities), mistake);
}

Result<std::vector<Codec>> decode_media_codecs(const json::value& value) {
  Mistake mistake;
  std::vector<Codec> codecs;
  if (!value.is_array()) {
    mistake.note(ErrorCode::Malformed, "mediaCodecs", {}, " must be an array");
  } else if (value.get_array().size() > kCodecsMax) {
    mistake.note(ErrorCode::TooMany, "mediaCodecs", {}, " has too many elements");
  } else {
    for (const json::value& one : value.get_array()) {
      codecs.push_back(read_codec_capability(one, mistake));
    }
  }
  return result_of(std::move(codecs), mistake);
}

Result<RtpParameters> decode_parameters(const json::value& value) {
  Mistake mistake;
  auto parameters = read_rtp_parameters(value, mistake);
  return result_of(std::move(parameters), mistake);
}

Result<RtpParameters> decode_producer_parameters(const json::value& value) {
  Mistake mistake;
  auto parameters = read_rtp_parameters(value, mistake);
  if (parameters.encodings.empty()) parameters.encodings.emplace_back();
  if (!mistake.found()) require_unique_numbers(parameters, mistake);
  if (!mistake.found()) require_repaired_codecs(parameters, mistake);
  return result_of(std::move(parameters), mistake);
}

Result<RtpMapping> decode_mapping(const json::value& value) {
  Mistake mistake;
  Fields in(value, "mapping", mistake);
  RtpMapping mapping;
  for (const json::value& one : in.list("codecs", kCodecsMax)) {
    Fields codec(one, "mapping.codec", mistake);
    mapping.codecs.push_back(
        {.from = static_cast<std::uint8_t>(codec.integer("payloadType", 0, kPayloadTypeMax)),
         .to = static_cast<std::uint8_t>(codec.integer("mappedPayloadType", 0, kPayloadTypeMax))});
  }
  for (const json::value& one : in.list("encodings", kEncodingsMax)) {
    Fields stream(one, "mapping.encoding", mistake);
    mapping.encodings.push_back(
        {.ssrc = read_ssrc(stream, "ssrc"),
         .rid = stream.optional_text("rid"),
         .mapped_ssrc = static_cast<std::uint32_t>(stream.integer("mappedSsrc", 0, kUint32Max))});
  }
  return result_of(std::move(mapping), mistake);
}

Result<MediaKind> decode_kind(const json::value& value) {
  const auto kind = kind_named(&value);
  if (kind) return *kind;
  return std::unexpected(
      Error{.code = ErrorCode::Malformed, .message = "kind must be audio or video"});
}

}  // namespace rtc::ortc
