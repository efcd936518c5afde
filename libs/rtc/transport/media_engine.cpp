#include "rtc/transport/media_engine.hpp"

#include <algorithm>
#include <utility>

#include "rtc/transport/find.hpp"

namespace rtc {

Instant MediaEngine::Entry::next_timeout() const {
  Instant next = probe.next_timeout();
  if (arrivals) next = std::min(next, arrivals->next_timeout());
  if (web_rtc == nullptr) return next;
  next = std::min(next, web_rtc->next_timeout());
  // A lost consent is over; the next check begins another.
  return is_lost ? next : std::min(next, web_rtc->ice().next_timeout());
}

Instant MediaEngine::next_timeout() const {
  Instant next =
      std::min({transport_deadlines_.next(), producer_deadlines_.next(), room_deadlines_.next()});
  if (!producers_.empty()) next = std::min(next, report_at_);
  if (!consumers_.empty()) next = std::min(next, allocate_at_);
  return next;
}

MediaEngine::TimedEntry& MediaEngine::add_transport(std::unique_ptr<Transport> transport) {
  const TransportId id{++last_id_};
  return transports_.try_emplace(id, transport_deadlines_, id, std::move(transport)).first->second;
}

std::optional<TransportId> MediaEngine::open_plain(const PlainTransport::Options& options) {
  if (transport_count() == kTransportsMax) return std::nullopt;
  auto transport = std::make_unique<PlainTransport>(options);
  PlainTransport* const plain = transport.get();
  TimedEntry& timed = add_transport(std::move(transport));
  const auto entry = timed.change();
  entry->plain = plain;
  if (!options.path) {
    learning_.push_back(&timed);
  } else if (by_path_.find(*options.path) == nullptr) {
    by_path_.set(*options.path, timed);
    entry->paths.push_back(*options.path);
  }
  return entry->id;
}

std::optional<TransportId> MediaEngine::open_web_rtc(Instant now, const IceCredentials& credentials,
                                                     const DtlsIdentity& identity) {
  const bool is_taken = by_username_fragment_.contains(credentials.username_fragment);
  if (transport_count() == kTransportsMax || is_taken) return std::nullopt;
  auto transport = std::make_unique<WebRtcTransport>(now, credentials, identity, handshakes_);
  WebRtcTransport* const web_rtc = transport.get();
  TimedEntry& timed = add_transport(std::move(transport));
  by_username_fragment_[credentials.username_fragment] = &timed;
  const auto entry = timed.change();
  entry->web_rtc = web_rtc;
  return entry->id;
}

bool MediaEngine::connect(Instant now, TransportId id, DtlsRole role, const DtlsFingerprint& remote,
                          Outbox& out) {
  TimedEntry* const found = find(transports_, id);
  if (found == nullptr || found->read().web_rtc == nullptr) return false;
  const auto entry = found->change();
  entry->web_rtc->connect(now, role, remote, out);
  follow(*entry);
  return true;
}

bool MediaEngine::restart_ice(TransportId id, const IceCredentials& credentials) {
  TimedEntry* const found = find(transports_, id);
  const bool is_taken = by_username_fragment_.contains(credentials.username_fragment);
  if (found == nullptr || found->read().web_rtc == nullptr || is_taken) return false;
  found->change()->web_rtc->ice().restart(credentials);
  by_username_fragment_[credentials.username_fragment] = found;
  const IceLite& ice = found->read().web_rtc->ice();
  std::erase_if(by_username_fragment_,
                [&](const auto& one) { return one.second == found && !ice.knows(one.first); });
  return true;
}

void MediaEngine::close_transport(TransportId id, Outbox& out) {
  TimedEntry* const found = find(transports_, id);
  if (found == nullptr) return;
  std::vector<ConsumerId> consumers;
  for (const auto& [consumer, one] : consumers_) {
    if (one.transport == id) consumers.push_back(consumer);
  }
  for (const ConsumerId consumer : consumers) close_consumer(consumer);
  std::vector<ProducerId> producers;
  for (const auto& [producer, one] : producers_) {
    if (one.transport == id) producers.push_back(producer);
  }
  for (const ProducerId producer : producers) close_producer(producer);
  if (found->read().web_rtc != nullptr) found->change()->web_rtc->close(out);
  for (const Path& path : found->read().paths) end_path(path);
  std::erase_if(by_username_fragment_, [&](const auto& one) { return one.second == found; });
  std::erase(learning_, found);
  transports_.erase(id);
}

void MediaEngine::forget(const Path& path) {
  TimedEntry* const found = by_path_.find(path);
  if (found == nullptr) return;
  const auto entry = found->change();
  if (entry->web_rtc != nullptr) entry->web_rtc->ice().forget(path);
  std::erase(entry->paths, path);
  by_path_.erase(path);
  note_connection(*entry);
}

// Of several paths the ICE agent forgets the oldest; so do we.
void MediaEngine::add_path(Instant now, TimedEntry& timed, const Path& path) {
  TimedEntry* const known = by_path_.find(path);
  if (known == &timed) return;
  // Two agents behind one address in turn.
  if (known != nullptr) std::erase(known->change()->paths, path);
  by_path_.set(path, timed);
  const auto entry = timed.change();
  entry->paths.push_back(path);
  std::erase_if(entry->paths, [&](const Path& one) {
    const bool is_over = entry->web_rtc != nullptr && !entry->web_rtc->ice().is_validated(now, one);
    if (is_over) end_path(one);
    return is_over;
  });
}

void MediaEngine::end_path(const Path& path) {
  by_path_.erase(path);
  if (path.connection != 0 && !path.is_pipe()) ended_.push_back(path);
}

std::optional<Path> MediaEngine::poll_ended() {
  if (ended_.empty()) return std::nullopt;
  const Path path = ended_.back();
  ended_.pop_back();
  return path;
}

RoomId MediaEngine::open_room() {
  const RoomId id{++last_id_};
  rooms_.try_emplace(id, room_deadlines_, id);
  return id;
}

void MediaEngine::close_room(RoomId id) { rooms_.erase(id); }

std::optional<ProducerId> MediaEngine::produce(TransportId transport,
                                               const Producer::Options& wanted,
                                               std::optional<RoomId> room) {
  Producer::Options options = wanted;
  TimedEntry* const found = find(transports_, transport);
  if (found == nullptr || options.streams.empty()) return std::nullopt;
  const auto entry = found->change();
  std::vector<std::uint32_t> ssrcs;
  std::size_t expected = entry->sources.size();  // the SSRCs that are still to be learned too
  for (const auto& stream : options.streams) {
    if (stream.ssrc) ssrcs.push_back(*stream.ssrc);
    if (stream.rtx_ssrc) ssrcs.push_back(*stream.rtx_ssrc);
    expected += options.rtx_payload_type == 0 ? 1 : 2;
  }
  std::ranges::sort(ssrcs);
  const bool repeats = std::ranges::adjacent_find(ssrcs) != ssrcs.end();
  const bool collides =
      std::ranges::any_of(ssrcs, [&](std::uint32_t ssrc) { return entry->sources.contains(ssrc); });
  const bool is_too_many = expected > kStreamsMax && !entry->is_pipe;
  if (repeats || collides || is_too_many) return std::nullopt;

  const ProducerId id{++last_id_};
  TimedRoom* const voices =
      room && options.kind == MediaKind::Audio ? find(rooms_, *room) : nullptr;
  if (voices != nullptr) {
    const auto changed = voices->change();
    options.room = &changed->voices;
    options.room_source = static_cast<std::uint64_t>(id);
    options.room->add(options.room_source);
  }
  auto producer = std::make_unique<TimedProducer>(producer_deadlines_, options, *entry->transport);
  for (std::size_t i = 0; i < options.streams.size(); ++i) {
    const auto& stream = options.streams[i];
    const Source source{.producer = producer.get(), .room = voices, .stream = i};
    if (stream.ssrc) entry->sources[*stream.ssrc] = source;
    if (stream.rtx_ssrc) (entry->sources[*stream.rtx_ssrc] = source).is_rtx = true;
  }
  entry->producers.push_back({.producer = producer.get(), .room = voices});
  senders_[transport] = found;
  auto& added = producers_[id];
  added = {.transport = transport, .room = voices, .producer = std::move(producer)};
  const bool waits_for_wishes = entry->is_pipe && options.kind == MediaKind::Video;
  added.wanted.assign(options.streams.size(), !waits_for_wishes);
  added.wished_at.resize(options.streams.size());
  return id;
}

void MediaEngine::close_producer(ProducerId id) {
  const auto* const found = find(producers_, id);
  if (found == nullptr) return;
  std::vector<ConsumerId> consumers;
  for (const auto& [consumer, one] : consumers_) {
    if (one.producer == id) consumers.push_back(consumer);
  }
  for (const ConsumerId consumer : consumers) close_consumer(consumer);
  std::vector<PipeId> pipes;
  for (const auto& [pipe, one] : pipes_) {
    if (one.producer == id) pipes.push_back(pipe);
  }
  for (const PipeId pipe : pipes) close_pipe(pipe);
  TimedProducer* const producer = found->producer.get();
  const auto entry = transports_.at(found->transport).change();
  std::erase_if(entry->sources, [&](const auto& one) { return one.second.producer == producer; });
  std::erase_if(entry->producers, [&](const auto& one) { return one.producer == producer; });
  if (entry->producers.empty()) senders_.erase(found->transport);
  if (found->room != nullptr) {
    found->room->change()->voices.remove(producer->read().options().room_source);
  }
  std::erase(waiting_, producer);
  producers_.erase(id);
}

std::optional<ConsumerId> MediaEngine::consume(TransportId transport, ProducerId producer,
                                               const Consumer::Options& options) {
  TimedEntry* const found = find(transports_, transport);
  const auto* const source = find(producers_, producer);
  if (found == nullptr || source == nullptr) return std::nullopt;
  const auto entry = found->change();
  const bool is_taken = entry->sinks.contains(options.ssrc) ||
                        (options.rtx_ssrc && entry->sinks.contains(*options.rtx_ssrc));
  if (is_taken) return std::nullopt;
  const bool has_feedback = options.extension_ids.id_of(RtpExtension::TransportSequence) != 0;
  if (entry->web_rtc != nullptr && has_feedback) entry->web_rtc->expect_feedback();
  Consumer& consumer = source->producer->change()->add_consumer(options, *entry->transport);
  const ConsumerId id{++last_id_};
  entry->sinks[options.ssrc] = {
      .producer = source->producer.get(), .consumer = &consumer, .id = id};
  if (options.kind == MediaKind::Video) {
    entry->videos.push_back(id);
    receivers_[transport] = found;
  }
  consumers_[id] = {.transport = transport, .producer = producer, .consumer = &consumer};
  note_wish(producer, wishes_of(consumers_[id]));
  return id;
}

void MediaEngine::close_consumer(ConsumerId id) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  const auto transport = transports_.at(entry->transport).change();
  transport->sinks.erase(entry->consumer->options().ssrc);
  std::erase(transport->videos, id);
  if (transport->videos.empty()) receivers_.erase(entry->transport);
  producers_.at(entry->producer).producer->change()->remove_consumer(*entry->consumer);
  consumers_.erase(id);
}

void MediaEngine::set_producer_paused(ProducerId id, bool paused) {
  const auto* const entry = find(producers_, id);
  if (entry == nullptr) return;
  entry->producer->change()->set_paused(paused);
}

void MediaEngine::set_paused(Instant now, ConsumerId id, bool paused) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  entry->consumer->set_paused(paused);
  note_wish(entry->producer, wishes_of(*entry));
  // It begins with what its path carries, and makes room for it or leaves it to the others.
  allocate(now, *transports_.at(entry->transport).change());
  if (entry->consumer->wanted_key_frame()) request_key_frame(id);
}

void MediaEngine::request_key_frame(ConsumerId id) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  const auto producer = producers_.at(entry->producer).producer->change();
  producer->handle_key_frame_request(*entry->consumer);
}

const Consumer* MediaEngine::consumer(ConsumerId id) const {
  const auto* const entry = find(consumers_, id);
  return entry == nullptr ? nullptr : entry->consumer;
}

const Producer* MediaEngine::producer(ProducerId id) const {
  const auto* const entry = find(producers_, id);
  return entry == nullptr ? nullptr : &entry->producer->read();
}

const WebRtcTransport* MediaEngine::web_rtc(TransportId id) const {
  const TimedEntry* const entry = find(transports_, id);
  return entry == nullptr ? nullptr : entry->read().web_rtc.get();
}

std::optional<EngineEvent> MediaEngine::poll_event() {
  if (events_.empty()) return std::nullopt;
  EngineEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace rtc
