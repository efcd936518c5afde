#include "rtc/transport/media_engine.hpp"

#include <algorithm>
#include <vector>

#include "rtc/rtcp/fir.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/receiver_report.hpp"

namespace rtc {

namespace {

template <class Map, class Key>
auto* find(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

std::optional<TransportId> MediaEngine::open_plain(const PlainTransport::Options& options) {
  if (transports_.size() == kTransportsMax) return std::nullopt;
  const TransportId id{++last_id_};
  auto entry = std::make_unique<Entry>(options);
  if (options.path) by_path_.try_emplace(*options.path, entry.get());
  transports_[id] = std::move(entry);
  return id;
}

void MediaEngine::close_transport(TransportId id) {
  const auto* const entry = find(transports_, id);
  if (entry == nullptr) return;
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
  const auto& path = (*entry)->transport.path();
  const auto* const owner = path ? find(by_path_, *path) : nullptr;
  if (owner != nullptr && *owner == entry->get()) by_path_.erase(*path);
  transports_.erase(id);
}

std::optional<ProducerId> MediaEngine::produce(TransportId transport,
                                               const Producer::Options& options) {
  const auto* const found = find(transports_, transport);
  if (found == nullptr || options.streams.empty()) return std::nullopt;
  Entry& entry = **found;
  std::vector<std::uint32_t> ssrcs;
  for (const auto& stream : options.streams) {
    ssrcs.push_back(stream.ssrc);
    if (stream.rtx_ssrc) ssrcs.push_back(*stream.rtx_ssrc);
  }
  std::ranges::sort(ssrcs);
  const bool repeats = std::ranges::adjacent_find(ssrcs) != ssrcs.end();
  const bool collides =
      std::ranges::any_of(ssrcs, [&](std::uint32_t ssrc) { return entry.sources.contains(ssrc); });
  if (repeats || collides || entry.sources.size() + ssrcs.size() > kStreamsMax) return std::nullopt;

  const ProducerId id{++last_id_};
  auto producer = std::make_unique<Producer>(options, entry.transport);
  for (std::size_t i = 0; i < options.streams.size(); ++i) {
    const auto& stream = options.streams[i];
    entry.sources[stream.ssrc] = {.producer = producer.get(), .stream = i};
    if (stream.rtx_ssrc) {
      entry.sources[*stream.rtx_ssrc] = {.producer = producer.get(), .stream = i, .is_rtx = true};
    }
  }
  producers_[id] = {.transport = transport, .producer = std::move(producer)};
  return id;
}

void MediaEngine::close_producer(ProducerId id) {
  const auto* const entry = find(producers_, id);
  if (entry == nullptr) return;
  std::vector<ConsumerId> consumers;
  for (const auto& [consumer, one] : consumers_) {
    if (one.producer == id) consumers.push_back(consumer);
  }
  for (const ConsumerId consumer : consumers) close_consumer(consumer);
  std::erase_if(transports_[entry->transport]->sources,
                [&](const auto& one) { return one.second.producer == entry->producer.get(); });
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
  Consumer& consumer = source->producer->add_consumer(options, entry.transport);
  entry.sinks[options.ssrc] = {.producer = source->producer.get(), .consumer = &consumer};
  const ConsumerId id{++last_id_};
  consumers_[id] = {.transport = transport, .producer = producer, .consumer = &consumer};
  return id;
}

void MediaEngine::close_consumer(ConsumerId id) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  transports_[entry->transport]->sinks.erase(entry->consumer->options().ssrc);
  producers_[entry->producer].producer->remove_consumer(*entry->consumer);
  consumers_.erase(id);
}

void MediaEngine::set_paused(ConsumerId id, bool paused) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  entry->consumer->set_paused(paused);
  if (entry->consumer->wanted_key_frame()) {
    producers_[entry->producer].producer->handle_key_frame_request(*entry->consumer);
  }
}

void MediaEngine::set_target(ConsumerId id, std::size_t stream) {
  const auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  Producer& producer = *producers_[entry->producer].producer;
  if (stream >= producer.stream_count()) return;
  entry->consumer->set_target(stream);
  if (entry->consumer->wanted_key_frame()) producer.handle_key_frame_request(*entry->consumer);
}

const Consumer* MediaEngine::consumer(ConsumerId id) const {
  const auto* const entry = find(consumers_, id);
  return entry == nullptr ? nullptr : entry->consumer;
}

// Whose datagram it is: by its address, or else the transport that has none yet and expects its
// SSRC.
MediaEngine::Entry* MediaEngine::find_sender(const Path& from, Bytes datagram, bool is_media) {
  if (auto* const known = find(by_path_, from)) return *known;
  if (!is_media || datagram.size() < kRtpHeaderSize) return nullptr;
  const std::uint32_t ssrc = ByteReader(datagram.subspan(8)).u32();
  for (const auto& [id, entry] : transports_) {
    if (!entry->transport.path() && entry->sources.contains(ssrc)) return entry.get();
  }
  return nullptr;
}

void MediaEngine::handle_datagram(Instant now, const Path& from, MutableBytes datagram,
                                  Outbox& out) {
  ++received_;
  if (!looks_like_rtp_or_rtcp(datagram)) return drop(MediaDrop::NotMedia);
  const bool is_media = is_rtp(datagram);
  Entry* const entry = find_sender(from, datagram, is_media);
  if (entry == nullptr) return drop(MediaDrop::UnknownSender);
  const auto opened =
      is_media ? entry->transport.open_rtp(datagram) : entry->transport.open_rtcp(datagram);
  if (!opened) return drop(MediaDrop::NotAuthentic);
  if (!entry->transport.path()) {
    entry->transport.learn(from);
    by_path_[from] = entry;
  }
  if (is_media) {
    handle_rtp(now, *entry, *opened, out);
  } else {
    handle_rtcp(now, *entry, *opened, out);
  }
}

void MediaEngine::handle_rtp(Instant now, Entry& entry, MutableBytes datagram, Outbox& out) {
  const auto view = RtpView::parse(datagram);
  if (!view) return drop(MediaDrop::Malformed);
  const Source* const source = find(entry.sources, view->header.ssrc);
  if (source == nullptr) return drop(MediaDrop::UnknownSsrc);
  Producer& producer = *source->producer;
  const Producer::Drop result =
      source->is_rtx ? producer.handle_rtx(now, source->stream, *view, datagram, out)
                     : producer.handle_rtp(now, source->stream, *view, datagram, out);
  switch (result) {
    case Producer::Drop::None:
      break;
    case Producer::Drop::WrongPayloadType:
      drop(MediaDrop::WrongPayloadType);
      break;
    case Producer::Drop::Malformed:
      drop(MediaDrop::Malformed);
      break;
    case Producer::Drop::Duplicate:
      drop(MediaDrop::Duplicate);
      break;
  }
}

void MediaEngine::handle_rtcp(Instant now, Entry& entry, Bytes datagram, Outbox& out) {
  RtcpReader reader(datagram);
  std::size_t resend_budget = kResentMax;
  while (const auto packet = reader.next()) {
    if (const auto report = SenderReport::parse(*packet)) {
      const Source* const source = find(entry.sources, report->ssrc);
      if (source != nullptr && !source->is_rtx) {
        source->producer->handle_sender_report(now, source->stream, *report, out);
      }
    } else if (const auto pli = Pli::parse(*packet)) {
      handle_key_frame_request(entry, pli->media_ssrc);
    } else if (const auto fir = Fir::parse(*packet)) {
      fir->for_each(
          [&](std::uint32_t ssrc, std::uint8_t) { handle_key_frame_request(entry, ssrc); });
    } else {
      handle_nack(now, entry, *packet, resend_budget, out);
    }
  }
  if (!reader.ok()) drop(MediaDrop::Malformed);
}

void MediaEngine::handle_nack(Instant now, Entry& entry, const RtcpPacket& packet,
                              std::size_t& budget, Outbox& out) {
  const auto nack = Nack::parse(packet);
  Sink* const sink = nack ? find(entry.sinks, nack->media_ssrc) : nullptr;
  if (sink == nullptr || !sink->consumer->current()) return;
  const ProducerStream& source = sink->producer->stream(*sink->consumer->current());
  nack->for_each(budget, [&](std::uint16_t sequence) {
    --budget;
    sink->consumer->resend(now, sequence, sink->producer->options().codec, source, out);
  });
}

void MediaEngine::handle_key_frame_request(Entry& entry, std::uint32_t ssrc) {
  const Sink* const sink = find(entry.sinks, ssrc);
  if (sink != nullptr) sink->producer->handle_key_frame_request(*sink->consumer);
}

void MediaEngine::handle_timeout(Instant now, Outbox& out) {
  for (auto& [id, entry] : producers_) {
    if (entry.producer->next_timeout() <= now) entry.producer->handle_timeout(now, out);
  }
  if (now >= report_at_) {
    report_at_ = now + kReportInterval;
    send_reports(now, out);
  }
}

Instant MediaEngine::next_timeout() const {
  Instant next = producers_.empty() ? Instant::never() : report_at_;
  for (const auto& [id, entry] : producers_) next = std::min(next, entry.producer->next_timeout());
  return next;
}

// To every sender of media how it arrives: 31 streams of a transport at most, as many as one
// report holds.
void MediaEngine::send_reports(Instant now, Outbox& out) {
  for (auto& [id, entry] : transports_) {
    ReceiverReport report{.ssrc = 1, .reports = {}};
    for (const auto& [ssrc, source] : entry->sources) {
      if (source.is_rtx) continue;
      report.ssrc = source.producer->options().feedback_ssrc;
      const auto block = source.producer->stream(source.stream).statistics().report(now);
      if (block) report.reports.add(*block);
    }
    if (report.reports.all().empty()) continue;
    std::array<std::uint8_t, 1024> buffer;
    ByteWriter writer(buffer);
    report.write(writer);
    entry->transport.send_rtcp(writer.written(), out);
  }
}

}  // namespace rtc
