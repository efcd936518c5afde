// What a worker knows of one peer's media, and the JSON of it for sfu:stats.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rtc/transport/media_engine.hpp"

namespace server::sfu {

// Filled with names and ids by the control thread, with the rest by read_stats() on the worker's.
struct PeerStats {
  struct Transport {
    std::string id;
    std::string_view direction;  // "send" or "recv", as the page sees it
    rtc::TransportId engine_id{};
    rtc::WebRtcTransport::State state = rtc::WebRtcTransport::State::Closed;
    std::optional<rtc::Path> path = std::nullopt;
  };
  struct Encoding {
    std::string rid;
    std::optional<std::uint32_t> ssrc;
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;
  };
  struct Producer {
    std::string id;
    std::string_view kind;
    bool paused = false;
    rtc::ProducerId engine_id{};
    std::vector<Encoding> encodings = {};
  };
  struct Consumer {
    std::string id;
    std::string producer;
    rtc::ConsumerId engine_id{};
    bool paused = true;
    std::optional<std::size_t> layer = std::nullopt;  // spatial, of what is forwarded
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;
    std::uint64_t resent = 0;
  };

  std::vector<Transport> transports = {};
  std::vector<Producer> producers = {};
  std::vector<Consumer> consumers = {};
};

void read_stats(const rtc::MediaEngine& engine, PeerStats& stats);
boost::json::object to_json(const PeerStats& stats);

}  // namespace server::sfu
