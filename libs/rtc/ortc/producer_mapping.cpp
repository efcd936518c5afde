#include "rtc/ortc/producer_mapping.hpp"

#include <algorithm>

#include "rtc/ortc/codec_match.hpp"
#include "rtc/ortc/ssrc.hpp"

namespace rtc::ortc {

namespace {

using PayloadTypes = std::vector<RtpMapping::PayloadType>;

Error unsupported(std::string message) {
  return {.code = ErrorCode::Unsupported, .message = std::move(message)};
}

// The entry of the media codec that `rtx` repairs, nullptr when `apt` names none.
const RtpMapping::PayloadType* find_repaired(const PayloadTypes& media, const Codec& rtx) {
  const auto found = std::ranges::find_if(
      media, [&](const RtpMapping::PayloadType& one) { return repairs(rtx, one.from); });
  return found == media.end() ? nullptr : &*found;
}

Result<PayloadTypes> map_codecs(const RtpParameters& producer, const RtpCapabilities& router) {
  PayloadTypes media;
  for (const Codec& codec : producer.codecs) {
    if (codec.is_rtx()) continue;
    const Codec* match = find_match(router.codecs, codec);
    if (match == nullptr) return std::unexpected(unsupported("the router lacks a codec"));
    media.push_back({.from = *codec.payload_type, .to = *match->payload_type});
  }
  PayloadTypes all = media;
  for (const Codec& codec : producer.codecs) {
    if (!codec.is_rtx()) continue;
    const auto* repaired = find_repaired(media, codec);
    if (repaired == nullptr) {
      return std::unexpected(
          Error{.code = ErrorCode::BadApt, .message = "apt of an RTX codec names no media codec"});
    }
    const Codec* rtx = find_rtx(router.codecs, repaired->to);
    if (rtx == nullptr) return std::unexpected(unsupported("the router lacks RTX for a codec"));
    all.push_back({.from = *codec.payload_type, .to = *rtx->payload_type});
  }
  return all;
}

}  // namespace

Result<RtpMapping> producer_mapping(const RtpParameters& producer, const RtpCapabilities& router,
                                    Random& random) {
  auto codecs = map_codecs(producer, router);
  if (!codecs) return std::unexpected(codecs.error());

  RtpMapping mapping{.codecs = std::move(*codecs), .encodings = {}};
  std::uint32_t ssrc = random_ssrc(random);
  for (const Encoding& encoding : producer.encodings) {
    mapping.encodings.push_back(
        {.ssrc = encoding.ssrc, .rid = encoding.rid, .mapped_ssrc = ssrc++});
  }
  return mapping;
}

}  // namespace rtc::ortc
