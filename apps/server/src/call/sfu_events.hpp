// The events of media through the SFU, as plain structs. What is JSON here is read by sfu/, in the
// shapes of mediasoup-client.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace server::call {

struct JoinMedia {
  static constexpr std::string_view kEvent = "sfu:join";
  std::string room_id;
  boost::json::value rtp_capabilities;
};
struct ConnectTransport {
  static constexpr std::string_view kEvent = "sfu:connect-transport";
  std::string transport;
  boost::json::value dtls_parameters;
};
struct RestartIce {
  static constexpr std::string_view kEvent = "sfu:restart-ice";
  std::string transport;
};
struct Produce {
  static constexpr std::string_view kEvent = "sfu:produce";
  std::string transport;
  std::string kind;  // "audio" or "video"
  boost::json::value rtp_parameters;
  bool paused = false;
  std::string source;  // "mic", "camera", "screen" or "screen-audio"
};
struct PauseProducer {
  static constexpr std::string_view kEvent = "sfu:pause-producer";
  std::string producer;
};
struct ResumeProducer {
  static constexpr std::string_view kEvent = "sfu:resume-producer";
  std::string producer;
};
struct CloseProducer {
  static constexpr std::string_view kEvent = "sfu:close-producer";
  std::string producer;
};
struct Consume {
  static constexpr std::string_view kEvent = "sfu:consume";
  std::string producer;
  boost::json::value rtp_capabilities;
};
struct PauseConsumer {
  static constexpr std::string_view kEvent = "sfu:pause-consumer";
  std::string consumer;
};
struct ResumeConsumer {
  static constexpr std::string_view kEvent = "sfu:resume-consumer";
  std::string consumer;
};
struct CloseConsumer {
  static constexpr std::string_view kEvent = "sfu:close-consumer";
  std::string consumer;
};
struct RequestKeyFrame {
  static constexpr std::string_view kEvent = "sfu:request-keyframe";
  std::string consumer;
};
struct PreferLayers {
  static constexpr std::string_view kEvent = "sfu:set-preferred-layers";
  std::string consumer;
  std::int64_t spatial = 0;
  std::optional<std::int64_t> temporal;  // nullopt: all
  std::int64_t priority = 1;
  std::int64_t pixels = 0;
};
struct ReadMediaStats {
  static constexpr std::string_view kEvent = "sfu:stats";
};

}  // namespace server::call
