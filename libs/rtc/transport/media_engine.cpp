#include "rtc/transport/media_engine.hpp"

#include <algorithm>
#include <utility>

#include "rtc/transport/find.hpp"

namespace rtc {

MediaEngine::Entry& MediaEngine::add_transport(std::unique_ptr<Transport> transport) {
  const TransportId id{++last_id_};
  auto& entry = transports_[id] = std::make_unique<Entry>(id, std::move(transport));
  return *entry;
}

std::optional<TransportId> MediaEngine::open_plain(const PlainTransport::Options& options) {
  if (transport_count() == kTransportsMax) return std::nullopt;
  auto transport = std::make_unique<PlainTransport>(options);
  PlainTransport* const plain = transport.get();
  Entry& entry = add_transport(std::move(transport));
  entry.plain = plain;
  if (!options.path) {
    learning_.push_back(&entry);
  } else if (by_path_.find(*options.path) == nullptr) {
    by_path_.set(*options.path, entry);
    entry.paths.push_back(*options.path);
  }
  return entry.id;
}

std::optional<TransportId> MediaEngine::open_web_rtc(Instant now, const IceCredentials& credentials,
                                                     const DtlsIdentity& identity) {
  const bool is_taken = by_username_fragment_.contains(credentials.username_fragment);
  if (transport_count() == kTransportsMax || is_taken) return std::nullopt;
  auto transport = std::make_unique<WebRtcTransport>(now, credentials, identity, handshakes_);
  WebRtcTransport* const web_rtc = transport.get();
  Entry& entry = add_transport(std::move(transport));
  entry.web_rtc = web_rtc;
  by_username_fragment_[credentials.username_fragment] = &entry;
  wake_at(web_rtc->ice().next_timeout());
  return entry.id;
}

bool MediaEngine::connect(Instant now, TransportId id, DtlsRole role, const DtlsFingerprint& remote,
                          Outbox& out) {
  const auto* const found = find(transports_, id);
  if (found == nullptr || (*found)->web_rtc == nullptr) return false;
  (*found)->web_rtc->connect(now, role, remote, out);
  follow(**found);
  return true;
}

bool MediaEngine::restart_ice(TransportId id, const IceCredentials& credentials) {
  const auto* const found = find(transports_, id);
  const bool is_taken = by_username_fragment_.contains(credentials.username_fragment);
  if (found == nullptr || (*found)->web_rtc == nullptr || is_taken) return false;
  IceLite& ice = (*found)->web_rtc->ice();
  ice.restart(credentials);
  by_username_fragment_[credentials.username_fragment] = found->get();
  std::erase_if(by_username_fragment_, [&](const auto& one) {
    return one.second == found->get() && !ice.knows(one.first);
  });
  return true;
}

void MediaEngine::close_transport(TransportId id, Outbox& out) {
  const auto* const found = find(transports_, id);
  if (found == nullptr) return;
  Entry* const entry = found->get();
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
  if (entry->web_rtc != nullptr) entry->web_rtc->close(out);
  for (const Path& path : entry->paths) end_path(path);
  std::erase_if(by_username_fragment_, [&](const auto& one) { return one.second == entry; });
  std::erase(learning_, entry);
  transports_.erase(id);
}

void MediaEngine::forget(const Path& path) {
  Entry* const found = by_path_.find(path);
  if (found == nullptr) return;
  Entry& entry = *found;
  if (entry.web_rtc != nullptr) entry.web_rtc->ice().forget(path);
  std::erase(entry.paths, path);
  by_path_.erase(path);
  note_connection(entry);
}

// Of several paths the ICE agent forgets the oldest; so do we.
void MediaEngine::add_path(Instant now, Entry& entry, const Path& path) {
  Entry* const known = by_path_.find(path);
  if (known == &entry) return;
  if (known != nullptr) std::erase(known->paths, path);  // two agents behind one address in turn
  by_path_.set(path, entry);
  entry.paths.push_back(path);
  std::erase_if(entry.paths, [&](const Path& one) {
    const bool is_over = entry.web_rtc != nullptr && !entry.web_rtc->ice().is_validated(now, one);
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
  rooms_[id];
  return id;
}

void MediaEngine::close_room(RoomId id) { rooms_.erase(id); }

std::optional<ProducerId> MediaEngine::produce(TransportId transport,
                                               const Producer::Options& wanted,
                                               std::optional<RoomId> room) {
  Producer::Options options = wanted;
  const auto* const found = find(transports_, transport);
  if (found == nullptr || options.streams.empty()) return std::nullopt;
  Entry& entry = **found;
  std::vector<std::uint32_t> ssrcs;
  std::size_t expected = entry.sources.size();  // the SSRCs that are still to be learned too
  for (const auto& stream : options.streams) {
    if (stream.ssrc) ssrcs.push_back(*stream.ssrc);
    if (stream.rtx_ssrc) ssrcs.push_back(*stream.rtx_ssrc);
    expected += options.rtx_payload_type == 0 ? 1 : 2;
  }
  std::ranges::sort(ssrcs);
  const bool repeats = std::ranges::adjacent_find(ssrcs) != ssrcs.end();
  const bool collides =
      std::ranges::any_of(ssrcs, [&](std::uint32_t ssrc) { return entry.sources.contains(ssrc); });
  const bool is_too_many = expected > kStreamsMax && !entry.is_pipe;
  if (repeats || collides || is_too_many) return std::nullopt;

  const ProducerId id{++last_id_};
  AudioRoom* const voices = room ? find(rooms_, *room) : nullptr;
  if (voices != nullptr && options.kind == MediaKind::Audio) {
    options.room = voices;
    options.room_source = static_cast<std::uint64_t>(id);
    voices->add(options.room_source);
  }
  auto producer = std::make_unique<Producer>(options, *entry.transport);
  for (std::size_t i = 0; i < options.streams.size(); ++i) {
    const auto& stream = options.streams[i];
    if (stream.ssrc) entry.sources[*stream.ssrc] = {.producer = producer.get(), .stream = i};
    if (stream.rtx_ssrc) {
      entry.sources[*stream.rtx_ssrc] = {.producer = producer.get(), .stream = i, .is_rtx = true};
    }
  }
  entry.producers.push_back(producer.get());
  auto& added = producers_[id];
  added = {.transport = transport, .room = room, .producer = std::move(producer)};
  const bool waits_for_wishes = entry.is_pipe && options.kind == MediaKind::Video;
  added.wanted.assign(options.streams.size(), !waits_for_wishes);
  added.wished_at.resize(options.streams.size());
  wake_at(report_at_);
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
  Producer* const producer = found->producer.get();
  Entry& entry = *transports_[found->transport];
  std::erase_if(entry.sources, [&](const auto& one) { return one.second.producer == producer; });
  std::erase(entry.producers, producer);
  if (AudioRoom* const voices = producer->options().room) {
    voices->remove(producer->options().room_source);
    wake_at(voices->speakers.next_timeout());
  }
  std::erase(waiting_, producer);
  producers_.erase(id);
}

std::optional<ConsumerId> MediaEngine::consume(TransportId transport, ProducerId producer,
                                               const Consumer::Options& options) {
  const auto* const found = find(transports_, transport);
  const auto* const source = find(producers_, producer);
  if (found == nullptr || source == nullptr) return std::nullopt;
  Entry& entry = **found;
  const bool is_taken = entry.sinks.contains(options.ssrc) ||
                        (options.rtx_ssrc && entry.sinks.contains(*options.rtx_ssrc));
  if (is_taken) return std::nullopt;
  const bool has_feedback = options.extension_ids.id_of(RtpExtension::TransportSequence) != 0;
  if (entry.web_rtc != nullptr && has_feedback) entry.web_rtc->expect_feedback();
  Consumer& consumer = source->producer->add_consumer(options, *entry.transport);
  wake_at(source->producer->next_timeout());
  const ConsumerId id{++last_id_};
  entry.sinks[options.ssrc] = {.producer = source->producer.get(), .consumer = &consumer, .id = id};
  if (options.kind == MediaKind::Video) {
    entry.videos.push_back(id);
    wake_at(allocate_at_);
  }
  consumers_[id] = {.transport = transport, .producer = producer, .consumer = &consumer};
  note_wish(producer, wishes_of(consumers_[id]));
  return id;
}

void MediaEngine::close_consumer(ConsumerId id) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  Entry& transport = *transports_[entry->transport];
  transport.sinks.erase(entry->consumer->options().ssrc);
  std::erase(transport.videos, id);
  producers_[entry->producer].producer->remove_consumer(*entry->consumer);
  consumers_.erase(id);
}

void MediaEngine::set_producer_paused(ProducerId id, bool paused) {
  const auto* const entry = find(producers_, id);
  if (entry == nullptr) return;
  entry->producer->set_paused(paused);
  wake_at(entry->producer->next_timeout());
}

void MediaEngine::set_paused(Instant now, ConsumerId id, bool paused) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  entry->consumer->set_paused(paused);
  note_wish(entry->producer, wishes_of(*entry));
  // It begins with what its path carries, and makes room for it or leaves it to the others.
  allocate(now, *transports_[entry->transport]);
  if (entry->consumer->wanted_key_frame()) request_key_frame(id);
}

void MediaEngine::request_key_frame(ConsumerId id) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  Producer& producer = *producers_[entry->producer].producer;
  producer.handle_key_frame_request(*entry->consumer);
  wake_at(producer.next_timeout());
}

const Consumer* MediaEngine::consumer(ConsumerId id) const {
  const auto* const entry = find(consumers_, id);
  return entry == nullptr ? nullptr : entry->consumer;
}

const Producer* MediaEngine::producer(ProducerId id) const {
  const auto* const entry = find(producers_, id);
  return entry == nullptr ? nullptr : entry->producer.get();
}

const WebRtcTransport* MediaEngine::web_rtc(TransportId id) const {
  const auto* const entry = find(transports_, id);
  return entry == nullptr ? nullptr : (*entry)->web_rtc;
}

std::optional<EngineEvent> MediaEngine::poll_event() {
  if (events_.empty()) return std::nullopt;
  EngineEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace rtc
