// What SfuService keeps of rooms, producers and peers; for its own sources alone.
#pragma once

#include "sfu/sfu_service.hpp"

namespace server::sfu {

inline constexpr std::size_t kIdLength = 20;  // characters of what is named here: 120 bits

// A room as one worker has it: the people there, and (by pipes) what they get from other workers.
struct SfuService::RoomPart {
  explicit RoomPart(std::size_t its_worker) : worker(its_worker) {}

  const std::size_t worker;
  std::size_t people = 0;
  std::optional<rtc::RoomId> engine_id;  // read and written by the worker's commands alone
  std::optional<rtc::RoomId> known_id;   // the same, here
};

// A producer on another worker than its own.
struct SfuService::Pipe {
  std::size_t consumers = 0;
  std::optional<rtc::ProducerId> producer = std::nullopt;  // by the commands of that worker alone
  std::optional<rtc::PipeId> id = std::nullopt;  // by those of the producer's own worker alone
};

struct SfuService::ProducerEntry {
  std::string id;
  std::string room;
  std::string peer;
  std::size_t worker = 0;
  rtc::ProducerId engine_id{};
  NegotiatedProducer negotiated;
  bool paused = false;
  std::map<std::size_t, std::shared_ptr<Pipe>> pipes = {};  // by the worker that they lead to
};

struct SfuService::Peer {
  struct ConsumerEntry {
    rtc::ConsumerId engine_id{};
    std::string producer;
  };

  std::string id;
  std::string room;
  std::shared_ptr<RoomPart> part;
  std::size_t worker = 0;  // of the part
  bool is_gone = false;    // for who waits for a worker meanwhile
  rtc::ortc::RtpCapabilities capabilities;
  std::string send_id;
  std::string receive_id;
  std::string cname;  // of all that it sends; empty before the first
  rtc::TransportId send{};
  rtc::TransportId receive{};
  unsigned next_mid = 0;
  std::pair<int, int> told_scores{-1, -1};  // uplink, downlink
  std::vector<std::string> producers;
  std::unordered_map<std::string, ConsumerEntry> consumers;

  std::optional<rtc::TransportId> transport(const std::string& name) const {
    if (name == send_id) return send;
    if (name == receive_id) return receive;
    return std::nullopt;
  }
};

}  // namespace server::sfu
