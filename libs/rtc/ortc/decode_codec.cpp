#include "rtc/ortc/decode_codec.hpp"

#include "rtc/ortc/codec_match.hpp"

namespace rtc::ortc {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kClockRateMax = UINT32_MAX;  // Hz
constexpr std::uint64_t kChannelsMax = 255;

// The kind that a media type begins with; it must have a subtype too.
std::optional<MediaKind> kind_of(std::string_view mime_type) {
  constexpr std::size_t kPrefix = 6;  // "audio/", "video/"
  if (mime_type.size() <= kPrefix) return std::nullopt;
  const std::string_view prefix = mime_type.substr(0, kPrefix);
  if (equals_ignoring_case(prefix, "audio/")) return MediaKind::Audio;
  if (equals_ignoring_case(prefix, "video/")) return MediaKind::Video;
  return std::nullopt;
}

Codec read_codec(const json::value& value, Mistake& mistake) {
  Fields in(value, "codec", mistake);
  Codec codec;
  codec.mime_type = in.text("mimeType");
  if (const auto kind = kind_of(codec.mime_type)) {
    codec.kind = *kind;
  } else {
    in.refuse(ErrorCode::Malformed, "mimeType", " must begin with audio/ or video/");
  }
  codec.clock_rate = static_cast<std::uint32_t>(in.integer("clockRate", 0, kClockRateMax));
  if (codec.kind == MediaKind::Audio) {
    const json::value* channels = in.any("channels");
    const bool given = channels != nullptr && channels->is_number();
    codec.channels = given ? static_cast<std::uint8_t>(in.integer("channels", 0, kChannelsMax)) : 1;
  }
  codec.parameters = read_parameters(in, mistake);
  for (const json::value& one : in.lenient_list("rtcpFeedback", kFeedbackMax)) {
    Fields feedback(one, "rtcpFeedback", mistake);
    codec.feedback.push_back(
        {.type = feedback.text("type"), .parameter = feedback.lenient_text("parameter")});
  }
  return codec;
}

}  // namespace

Codec read_codec_capability(const json::value& value, Mistake& mistake) {
  Codec codec = read_codec(value, mistake);
  Fields in(value, "codec", mistake);
  if (const auto type = in.optional_integer("preferredPayloadType", 0, kPayloadTypeMax)) {
    codec.payload_type = static_cast<std::uint8_t>(*type);
  }
  return codec;
}

Codec read_codec_in_use(const json::value& value, Mistake& mistake) {
  Codec codec = read_codec(value, mistake);
  Fields in(value, "codec", mistake);
  codec.payload_type = static_cast<std::uint8_t>(in.integer("payloadType", 0, kPayloadTypeMax));
  return codec;
}

Parameters read_parameters(Fields& owner, Mistake& mistake) {
  constexpr std::string_view kRule = " must be texts and numbers by name, apt a number";
  const json::value* value = owner.any("parameters");
  if (value == nullptr) return {};
  const bool is_list = value->is_array() && !value->get_array().empty();
  if (is_list) owner.refuse(ErrorCode::Malformed, "parameters", kRule);
  if (!value->is_object()) return {};
  for (const auto& [name, one] : value->get_object()) {
    const bool fits = one.is_number() || (one.is_string() && name != "apt");
    if (!fits) owner.refuse(ErrorCode::Malformed, "parameters", kRule);
  }
  return Fields(*value, "parameters", mistake).scalars();
}

}  // namespace rtc::ortc
