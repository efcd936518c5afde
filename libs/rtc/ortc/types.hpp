// The shapes in which pages and server agree on media: those of mediasoup-client, as plain structs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtc::ortc {

// What a peer may send at most; beyond it decoding fails with TooMany or TooLong.
inline constexpr std::size_t kCodecsMax = 128;      // there are no more payload types
inline constexpr std::size_t kExtensionsMax = 128;  // browsers list about 30
inline constexpr std::size_t kFeedbackMax = 32;     // a codec; browsers list 5
inline constexpr std::size_t kParametersMax = 64;   // a codec, an extension or an encoding
inline constexpr std::size_t kEncodingsMax = 8;     // browsers send 3 simulcast layers at most
inline constexpr std::size_t kTextMax = 1024;       // octets; H264 parameter sets are the longest

enum class MediaKind : std::uint8_t { Audio, Video };

// A value without structure. A number with an integer value is always the integer, so that
// comparing two of them compares as JavaScript's === does.
using Scalar = std::variant<bool, std::int64_t, double, std::string>;

// Format parameters by name (the `a=fmtp` of SDP): numbers and texts.
using Parameters = std::map<std::string, Scalar, std::less<>>;

// The parameter, or nullptr when it is absent.
inline const Scalar* find(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? nullptr : &found->second;
}

// One kind of RTCP feedback (`a=rtcp-fb`): `nack`, `nack pli`, `ccm fir`, `transport-cc`, …
struct RtcpFeedback {
  std::string type;
  std::string parameter;  // may be empty

  friend bool operator==(const RtcpFeedback&, const RtcpFeedback&) = default;
};

// A codec, as a capability or in use; RTX (RFC 4588) is a codec too, its `apt` names the other.
struct Codec {
  MediaKind kind = MediaKind::Audio;  // as mime_type says
  std::string mime_type;              // "audio/opus"; case does not matter
  // 0 to 127. In a capability the preferred one, and absent where any will do.
  std::optional<std::uint8_t> payload_type;
  std::uint32_t clock_rate = 0;          // Hz; 0 matches nothing
  std::optional<std::uint8_t> channels;  // always of audio, never of video
  Parameters parameters;
  std::vector<RtcpFeedback> feedback;

  bool is_rtx() const;
};

enum class Direction : std::uint8_t { SendRecv, SendOnly, RecvOnly, Inactive };

// An RTP header extension (RFC 8285) that an endpoint can handle.
struct ExtensionCapability {
  MediaKind kind = MediaKind::Audio;
  std::string uri;
  std::uint8_t preferred_id = 0;  // 1 to 255
  bool preferred_encrypt = false;
  Direction direction = Direction::SendRecv;  // seen from the endpoint that has the capability
};

// An RTP header extension in use.
struct Extension {
  std::string uri;
  std::uint8_t id = 0;  // 1 to 255
  bool encrypt = false;
  Parameters parameters;
};

struct RtpCapabilities {
  std::vector<Codec> codecs;
  std::vector<ExtensionCapability> extensions;
};

// One RTP stream and its retransmissions.
struct Encoding {
  std::optional<std::uint32_t> ssrc;
  std::optional<std::string> rid;
  std::optional<std::uint32_t> rtx_ssrc;
  std::optional<bool> dtx;                      // absent where we make the encoding
  std::optional<std::string> scalability_mode;  // "L1T3"
  std::optional<double> max_bitrate;            // bits/s; a page may have computed a fraction
  Parameters other;  // what else a page says of it (`active`, …): handed on, never used
};

// Reduced size (RFC 5506) is always on: we speak it, whatever the other end asks for.
struct RtcpParameters {
  std::optional<std::string> cname;
};

// What is sent or received: by a producer, as the router sees it (consumable), or by a consumer.
struct RtpParameters {
  std::optional<std::string> mid;
  std::vector<Codec> codecs;  // every payload_type is set
  std::vector<Extension> extensions;
  std::vector<Encoding> encodings;
  RtcpParameters rtcp;
  std::optional<std::string> msid;  // "<stream> <track>" (RFC 8830)
};

// How a producer's numbers become the router's.
struct RtpMapping {
  struct PayloadType {
    std::uint8_t from = 0;
    std::uint8_t to = 0;
  };
  struct Stream {
    std::optional<std::uint32_t> ssrc;  // the producer's, where it named one
    std::optional<std::string> rid;
    std::uint32_t mapped_ssrc = 0;
  };

  std::vector<PayloadType> codecs;
  std::vector<Stream> encodings;  // in the order of the producer's
};

}  // namespace rtc::ortc
