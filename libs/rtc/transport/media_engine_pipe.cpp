// Producers on their way to another engine, and what that one says of them.
#include <algorithm>

#include "rtc/transport/find.hpp"
#include "rtc/transport/media_engine.hpp"

namespace rtc {

TransportId MediaEngine::open_pipe(std::uint16_t number) {
  const Path path = Path::pipe(number);
  if (const TimedEntry* const known = by_path_.find(path)) return known->read().id;
  auto transport = std::make_unique<PlainTransport>(PlainTransport::Options{.path = path});
  TimedEntry& timed = add_transport(std::move(transport));
  by_path_.set(path, timed);
  ++pipe_transports_;
  const auto entry = timed.change();
  entry->is_pipe = true;
  entry->paths.push_back(path);
  return entry->id;
}

std::optional<PipeId> MediaEngine::pipe(ProducerId producer, TransportId transport,
                                        std::span<const std::uint32_t> ssrcs) {
  TimedEntry* const found = find(transports_, transport);
  const auto* const source = find(producers_, producer);
  if (found == nullptr || !found->read().is_pipe || source == nullptr) return std::nullopt;
  const auto entry = found->change();
  const bool is_taken = std::ranges::any_of(
      ssrcs, [&](std::uint32_t ssrc) { return entry->pipe_sinks.contains(ssrc); });
  if (is_taken || ssrcs.size() != source->producer->read().stream_count()) return std::nullopt;
  PipeConsumer& consumer = source->producer->change()->add_pipe(ssrcs, *entry->transport);
  for (std::size_t i = 0; i < ssrcs.size(); ++i) {
    entry->pipe_sinks[ssrcs[i]] = {source->producer.get(), &consumer, i};
  }
  const PipeId id{++last_id_};
  pipes_[id] = {.transport = transport, .producer = producer, .consumer = &consumer};
  return id;
}

void MediaEngine::set_wanted(PipeId id, std::size_t encodings) {
  const auto* const entry = find(pipes_, id);
  if (entry == nullptr) return;
  PipeConsumer& consumer = *entry->consumer;
  const auto producer = producers_.at(entry->producer).producer->change();
  const std::size_t before = consumer.wanted();
  consumer.set_wanted(encodings);
  for (std::size_t i = before; i < consumer.wanted(); ++i) producer->request_key_frame(i);
  note_wish(entry->producer, consumer.wanted());
}

void MediaEngine::close_pipe(PipeId id) {
  const auto* const entry = find(pipes_, id);
  if (entry == nullptr) return;
  PipeConsumer& consumer = *entry->consumer;
  const auto transport = transports_.at(entry->transport).change();
  for (std::size_t i = 0; i < consumer.stream_count(); ++i) {
    transport->pipe_sinks.erase(consumer.ssrc(i));
  }
  producers_.at(entry->producer).producer->change()->remove_pipe(consumer);
  pipes_.erase(id);
}

void MediaEngine::resend_to_pipe(Instant now, Entry& entry, const Nack& nack, std::size_t& budget,
                                 Outbox& out) {
  const PipeSink* const sink = find(entry.pipe_sinks, nack.media_ssrc);
  if (sink == nullptr) return;
  const Producer& producer = sink->producer->read();
  nack.for_each(budget, [&](std::uint16_t sequence) {
    --budget;
    sink->consumer->resend(now, sequence, sink->stream, producer.stream(sink->stream),
                           producer.options().extension_ids, out);
  });
}

// Of what is not wanted yet, word of that comes by another way, and brings a key frame.
void MediaEngine::ask_for_pipe(Entry& entry, std::uint32_t ssrc) {
  const PipeSink* const sink = find(entry.pipe_sinks, ssrc);
  if (sink == nullptr || sink->stream >= sink->consumer->wanted()) return;
  sink->producer->change()->request_key_frame(sink->stream);
}

}  // namespace rtc
