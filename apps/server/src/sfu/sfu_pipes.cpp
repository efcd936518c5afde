// Rooms that are on several workers: who goes where, and what one worker hands to another.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "sfu/sfu_entries.hpp"

namespace server::sfu {

// Where the room is already, while that worker has few enough people of all rooms; then where the
// fewest are.
std::shared_ptr<SfuService::RoomPart> SfuService::place(const std::string& room) {
  std::vector<std::size_t> people(workers_.size());
  for (const auto& [id, peer] : peers_) ++people[peer->worker];
  auto& parts = rooms_[room];
  const auto roomy = std::ranges::find_if(
      parts, [&](const auto& part) { return people[part->worker] < options_.worker_peers; });
  if (roomy != parts.end()) return *roomy;
  const auto least = static_cast<std::size_t>(std::ranges::min_element(people) - people.begin());
  const auto there = std::ranges::find(parts, least, &RoomPart::worker);
  if (there != parts.end()) return *there;

  const auto part = parts.emplace_back(std::make_shared<RoomPart>(least));
  workers_[least]->post_even_if_full([part](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    part->engine_id = engine.open_room();
  });
  for (const auto& [id, producer] : producers_) {
    const bool is_voice = producer->negotiated.kind == rtc::ortc::MediaKind::Audio;
    if (producer->room == room && is_voice) open_pipe(producer, part);
  }
  return part;
}

// Nobody of the room is on this worker any more.
void SfuService::close_part(const std::string& room, const std::shared_ptr<RoomPart>& part) {
  for (const auto& [id, producer] : producers_) {
    if (producer->room == room) close_pipe(*producer, part->worker);
  }
  auto& parts = rooms_[room];
  std::erase(parts, part);
  if (parts.empty()) {
    rooms_.erase(room);
    speakers_.erase(room);
  }
  if (part->known_id) room_names_.erase({part->worker, *part->known_id});
  workers_[part->worker]->post_even_if_full(
      [part](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
        engine.close_room(*part->engine_id);
      });
}

// Both ends are made by commands that come before any that uses them.
void SfuService::open_pipe(const std::shared_ptr<ProducerEntry>& producer,
                           const std::shared_ptr<RoomPart>& part) {
  const std::size_t here = producer->worker;
  const std::size_t there = part->worker;
  if (here == there || producer->pipes.contains(there)) return;
  if (connected_.insert(std::minmax(here, there)).second) workers_[here]->connect(*workers_[there]);
  const auto pipe = producer->pipes[there] = std::make_shared<Pipe>();
  const auto options = piped(producer->negotiated);
  const auto name = [this, producer, pipe, there,
                     alive = std::weak_ptr(alive_)](rtc::ProducerId id) {
    const auto kept = alive.expired() ? producer->pipes.end() : producer->pipes.find(there);
    const bool is_open = kept != producer->pipes.end() && kept->second == pipe;
    if (is_open) producer_names_[{there, id}] = producer->id;
  };
  workers_[there]->post_even_if_full(
      [pipe, part, options, name, executor = executor_, here, paused = producer->paused](
          Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
        const auto from = engine.open_pipe(static_cast<std::uint16_t>(here));
        pipe->producer = engine.produce(from, options, part->engine_id);
        if (!pipe->producer) return;
        engine.set_producer_paused(*pipe->producer, paused);
        net::post(executor, [name, id = *pipe->producer] { name(id); });
      });
  workers_[here]->post_even_if_full([pipe, options, there, id = producer->engine_id](
                                        Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    std::vector<std::uint32_t> ssrcs;
    for (const auto& stream : options.streams) ssrcs.push_back(*stream.ssrc);
    pipe->id = engine.pipe(id, engine.open_pipe(static_cast<std::uint16_t>(there)), ssrcs);
  });
}

void SfuService::close_pipe(ProducerEntry& producer, std::size_t there) {
  const auto found = producer.pipes.find(there);
  if (found == producer.pipes.end()) return;
  const auto pipe = found->second;
  producer.pipes.erase(found);
  std::erase_if(producer_names_, [&](const auto& one) {
    return one.first.first == there && one.second == producer.id;
  });
  workers_[there]->post_even_if_full([pipe](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    if (pipe->producer) engine.close_producer(*pipe->producer);
  });
  workers_[producer.worker]->post_even_if_full(
      [pipe](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
        if (pipe->id) engine.close_pipe(*pipe->id);
      });
}

// A consumer of the producer is over there no more. Voices are compared without any, too.
void SfuService::release_pipe(const std::string& id, std::size_t there) {
  const auto producer = producers_.find(id);
  if (producer == producers_.end()) return;
  const auto pipe = producer->second->pipes.find(there);
  if (pipe == producer->second->pipes.end() || --pipe->second->consumers > 0) return;
  const bool is_voice = producer->second->negotiated.kind == rtc::ortc::MediaKind::Audio;
  if (!is_voice) close_pipe(*producer->second, there);
}

// What over there nobody wishes for need not cross.
void SfuService::want_piped(const ProducerEntry& producer, std::size_t there,
                            std::size_t encodings) {
  const auto pipe = producer.pipes.find(there);
  if (pipe == producer.pipes.end()) return;
  workers_[producer.worker]->post_even_if_full(
      [pipe = pipe->second, encodings](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
        if (pipe->id) engine.set_wanted(*pipe->id, encodings);
      });
}

}  // namespace server::sfu
