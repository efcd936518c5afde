// What the command is asked for, and what it sets up on a media worker for that.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "base/random.hpp"
#include "rtc/transport/media_engine.hpp"

namespace sfu_plain {

inline constexpr std::size_t kConsumersMax = 1000;

struct ProducerRequest {
  rtc::MediaKind kind = rtc::MediaKind::Video;
  std::uint32_t clock_rate = 90000;
  std::uint8_t payload_type = 0;
  std::uint32_t ssrc = 0;
};
struct ConsumerRequest {
  Endpoint to;
  std::optional<rtc::SrtpMasterKey> key;  // what it encrypts with
};
struct Request {
  ProducerRequest producer;
  std::vector<ConsumerRequest> consumers;
};

// The request, or in words what is wrong with it.
std::expected<Request, std::string> read_request(const boost::json::value& value);

struct ConsumerAnswer {
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 0;
};

// On the worker's thread: a transport that learns the producer's address, and one to each address
// and key that consumers have. nullopt when the engine refuses.
std::optional<std::vector<ConsumerAnswer>> set_up(rtc::MediaEngine& engine, const Request& request,
                                                  Random& random);

}  // namespace sfu_plain
