#include "rtc/ortc/router_capabilities.hpp"

#include <algorithm>
#include <deque>

#include "rtc/ortc/codec_match.hpp"
#include "rtc/ortc/supported.hpp"

namespace rtc::ortc {

namespace {

// The payload types that are nobody's yet, in the order in which they are handed out.
class DynamicPayloadTypes {
 public:
  DynamicPayloadTypes() {
    for (std::uint8_t type = 100; type <= 127; ++type) free_.push_back(type);
    for (std::uint8_t type = 96; type <= 99; ++type) free_.push_back(type);
  }

  void reserve(std::uint8_t type) { std::erase(free_, type); }

  std::optional<std::uint8_t> take() {
    if (free_.empty()) return std::nullopt;
    const std::uint8_t type = free_.front();
    free_.pop_front();
    return type;
  }

 private:
  std::deque<std::uint8_t> free_;
};

Error no_payload_type_left() {
  return {.code = ErrorCode::NoPayloadTypeLeft, .message = "no dynamic payload type is left"};
}

const Codec* find_supported(const Codec& wanted) {
  const auto& supported = supported_codecs();
  const auto found = std::ranges::find_if(supported, [&](const Codec& candidate) {
    return matches(wanted, candidate, Matching::ByName);
  });
  return found == supported.end() ? nullptr : &*found;
}

Codec rtx_of(const Codec& codec, std::uint8_t payload_type) {
  return {.kind = codec.kind,
          .mime_type = "video/rtx",
          .payload_type = payload_type,
          .clock_rate = codec.clock_rate,
          .channels = std::nullopt,
          .parameters = {{"apt", std::int64_t{*codec.payload_type}}},
          .feedback = {}};
}

}  // namespace

Result<RtpCapabilities> router_capabilities(const std::vector<Codec>& media_codecs) {
  RtpCapabilities capabilities{.codecs = {}, .extensions = supported_extensions()};
  DynamicPayloadTypes dynamic;
  for (const Codec& wanted : media_codecs) {
    const Codec* supported = find_supported(wanted);
    if (supported == nullptr) {
      return std::unexpected(
          Error{.code = ErrorCode::Unsupported, .message = "a media codec is not supported"});
    }
    Codec codec = *supported;
    if (wanted.payload_type) {
      codec.payload_type = wanted.payload_type;
      dynamic.reserve(*wanted.payload_type);
    } else if (!codec.payload_type) {
      codec.payload_type = dynamic.take();
      if (!codec.payload_type) return std::unexpected(no_payload_type_left());
    }
    const bool is_taken = std::ranges::find(capabilities.codecs, codec.payload_type,
                                            &Codec::payload_type) != capabilities.codecs.end();
    if (is_taken) {
      return std::unexpected(Error{.code = ErrorCode::DuplicatePayloadType,
                                   .message = "two media codecs have the same payload type"});
    }
    for (const auto& [name, value] : wanted.parameters) codec.parameters[name] = value;
    capabilities.codecs.push_back(codec);

    if (codec.kind != MediaKind::Video) continue;
    const auto rtx_type = dynamic.take();
    if (!rtx_type) return std::unexpected(no_payload_type_left());
    capabilities.codecs.push_back(rtx_of(codec, *rtx_type));
  }
  return capabilities;
}

}  // namespace rtc::ortc
