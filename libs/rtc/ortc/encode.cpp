#include "rtc/ortc/encode.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>

namespace rtc::ortc {

namespace json = boost::json;

namespace {

json::value encode(const Scalar& scalar) {
  return std::visit([](const auto& value) { return json::value(value); }, scalar);
}

// Without a fraction the number is written as an integer, which 1E6 is not for every reader.
json::value encode_number(double number) {
  if (std::trunc(number) == number) return static_cast<std::int64_t>(number);
  return number;
}

json::object encode(const Parameters& parameters) {
  json::object out;
  for (const auto& [name, value] : parameters) out[name] = encode(value);
  return out;
}

json::array encode(const std::vector<RtcpFeedback>& feedback) {
  json::array out;
  for (const RtcpFeedback& one : feedback) {
    out.push_back({{"type", one.type}, {"parameter", one.parameter}});
  }
  return out;
}

std::string_view word_of(Direction direction) {
  switch (direction) {
    case Direction::SendRecv:
      return "sendrecv";
    case Direction::SendOnly:
      return "sendonly";
    case Direction::RecvOnly:
      return "recvonly";
    case Direction::Inactive:
      return "inactive";
  }
  return "inactive";
}

// What a capability and a codec in use share.
void add_codec(json::object& out, const Codec& codec, std::string_view payload_type_name) {
  out["mimeType"] = codec.mime_type;
  if (codec.payload_type) out[payload_type_name] = *codec.payload_type;
  out["clockRate"] = codec.clock_rate;
  if (codec.channels) out["channels"] = *codec.channels;
  out["parameters"] = encode(codec.parameters);
  out["rtcpFeedback"] = encode(codec.feedback);
}

json::object encode(const Encoding& encoding) {
  json::object out = encode(encoding.other);
  if (encoding.ssrc) out["ssrc"] = *encoding.ssrc;
  if (encoding.rid) out["rid"] = *encoding.rid;
  if (encoding.rtx_ssrc) out["rtx"] = json::object{{"ssrc", *encoding.rtx_ssrc}};
  if (encoding.dtx) out["dtx"] = *encoding.dtx;
  if (encoding.scalability_mode) out["scalabilityMode"] = *encoding.scalability_mode;
  if (encoding.max_bitrate) out["maxBitrate"] = encode_number(*encoding.max_bitrate);
  return out;
}

json::object encode(const Extension& extension) {
  return {{"uri", extension.uri},
          {"id", extension.id},
          {"encrypt", extension.encrypt},
          {"parameters", encode(extension.parameters)}};
}

}  // namespace

std::string_view word_of(MediaKind kind) { return kind == MediaKind::Audio ? "audio" : "video"; }

json::object encode(const RtpCapabilities& capabilities) {
  json::array codecs;
  for (const Codec& codec : capabilities.codecs) {
    json::object out{{"kind", word_of(codec.kind)}};
    add_codec(out, codec, "preferredPayloadType");
    codecs.push_back(std::move(out));
  }
  json::array extensions;
  for (const ExtensionCapability& extension : capabilities.extensions) {
    extensions.push_back({{"kind", word_of(extension.kind)},
                          {"uri", extension.uri},
                          {"preferredId", extension.preferred_id},
                          {"preferredEncrypt", extension.preferred_encrypt},
                          {"direction", word_of(extension.direction)}});
  }
  return {{"codecs", std::move(codecs)}, {"headerExtensions", std::move(extensions)}};
}

json::object encode(const RtpParameters& parameters) {
  json::object out;
  if (parameters.mid) out["mid"] = *parameters.mid;
  json::array codecs;
  for (const Codec& codec : parameters.codecs) {
    json::object one;
    add_codec(one, codec, "payloadType");
    codecs.push_back(std::move(one));
  }
  out["codecs"] = std::move(codecs);
  json::array extensions;
  for (const Extension& extension : parameters.extensions) extensions.push_back(encode(extension));
  out["headerExtensions"] = std::move(extensions);
  json::array encodings;
  for (const Encoding& encoding : parameters.encodings) encodings.push_back(encode(encoding));
  out["encodings"] = std::move(encodings);
  json::object rtcp{{"reducedSize", true}};
  if (parameters.rtcp.cname) rtcp["cname"] = *parameters.rtcp.cname;
  out["rtcp"] = std::move(rtcp);
  if (parameters.msid) out["msid"] = *parameters.msid;
  return out;
}

json::object encode(const RtpMapping& mapping) {
  json::array codecs;
  for (const RtpMapping::PayloadType& one : mapping.codecs) {
    codecs.push_back({{"payloadType", one.from}, {"mappedPayloadType", one.to}});
  }
  json::array encodings;
  for (const RtpMapping::Stream& one : mapping.encodings) {
    json::object out;
    if (one.ssrc) out["ssrc"] = *one.ssrc;
    if (one.rid) out["rid"] = *one.rid;
    out["mappedSsrc"] = one.mapped_ssrc;
    encodings.push_back(std::move(out));
  }
  return {{"codecs", std::move(codecs)}, {"encodings", std::move(encodings)}};
}

}  // namespace rtc::ortc
