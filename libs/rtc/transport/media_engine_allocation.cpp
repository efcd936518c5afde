// Who gets which layers, by what paths carry and receivers wish; and who is speaking.
#include <algorithm>
#include <utility>

#include "rtc/cc/layer_allocation.hpp"
#include "rtc/rtcp/remb.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/transport/find.hpp"
#include "rtc/transport/media_engine.hpp"

namespace rtc {

namespace {

constexpr DataRate kUnlimited = DataRate::kbps(10'000'000);

}  // namespace

void MediaEngine::handle_feedback(Instant now, Entry& entry, const RtcpPacket& packet) {
  BandwidthEstimator* const bandwidth =
      entry.web_rtc == nullptr ? nullptr : entry.web_rtc->bandwidth();
  if (bandwidth == nullptr) return;
  if (const auto feedback = TransportFeedback::parse(packet)) {
    bandwidth->on_feedback(now, *feedback);
  } else if (const auto remb = Remb::parse(packet)) {
    const auto most = static_cast<std::uint64_t>(kUnlimited.bps());
    const std::uint64_t bps = std::min(remb->bitrate_bps, most);
    bandwidth->on_remb(now, DataRate::bps(static_cast<std::int64_t>(bps)));
  }
}

void MediaEngine::prefer_layers(Instant now, ConsumerId id, const LayerWish& wish) {
  auto* const entry = find(consumers_, id);
  if (entry == nullptr) return;
  entry->wish = wish;
  note_wish(entry->producer, wishes_of(*entry));
  allocate(now, *transports_.at(entry->transport).change());
}

// Without an estimate, everyone gets what they wish.
void MediaEngine::allocate(Instant now, Entry& entry) {
  std::array<LayerDemand, 64> few;
  std::vector<LayerDemand> many;
  std::span<LayerDemand> demands(few);
  if (entry.videos.size() > few.size()) {
    many.resize(entry.videos.size());
    demands = many;
  }
  std::size_t count = 0;
  for (const ConsumerId id : entry.videos) {
    const ConsumerEntry& consumer = consumers_.at(id);
    if (consumer.consumer->is_paused()) continue;
    const auto producer = producers_.at(consumer.producer).producer->change();
    LayerDemand& demand = demands[count++];
    demand = {.layer_count = std::min(producer->layer_count(), LayerDemand::kLayersMax),
              .preferred = consumer.wish.spatial,
              .current = consumer.told.spatial,
              .priority = consumer.wish.priority,
              .pixels = consumer.wish.pixels,
              .whose = static_cast<std::uint32_t>(id)};
    for (std::size_t layer = 0; layer < demand.layer_count; ++layer) {
      demand.rates[layer] = producer->layer_rate(now, layer);
    }
  }
  if (count == 0) return;
  const BandwidthEstimator* const bandwidth =
      entry.web_rtc == nullptr ? nullptr : entry.web_rtc->bandwidth();
  const LayerAllocation allocation = allocate_layers(
      bandwidth == nullptr ? kUnlimited : bandwidth->estimate(), demands.first(count));
  for (const LayerDemand& demand : demands.first(count)) {
    const ConsumerId id{demand.whose};
    choose(id, consumers_.at(id), demand.chosen);
  }
  if (bandwidth == nullptr || !bandwidth->has_feedback()) return;
  entry.probe.update(now, {.estimate = bandwidth->estimate(),
                           .used = allocation.used,
                           .wanted = allocation.wanted,
                           .is_strained = bandwidth->is_strained(now)});
}

// By the first video that can: a browser takes note of all of them together.
void MediaEngine::send_padding(Instant now, Entry& entry, Outbox& out) {
  if (now < entry.probe.next_timeout()) return;
  std::int64_t due = entry.probe.poll(now);
  for (const ConsumerId id : entry.videos) {
    if (due <= 0) break;
    const ConsumerEntry& one = consumers_.at(id);
    const Producer& producer = producers_.at(one.producer).producer->read();
    const auto current = one.consumer->current();
    if (!current) continue;
    const std::int64_t sent = one.consumer->send_padding(now, due, producer.options().codec,
                                                         producer.options().extension_ids,
                                                         producer.stream(*current), out);
    entry.probe.on_sent(sent);
    due -= sent;
  }
}

void MediaEngine::choose(ConsumerId id, ConsumerEntry& entry, std::size_t layer) {
  const Producer& producer = producers_.at(entry.producer).producer->read();
  const bool is_simulcast = producer.stream_count() > 1;
  const auto temporal = static_cast<std::uint8_t>(std::min<std::size_t>(entry.wish.temporal, 7));
  entry.consumer->set_layers(
      {.spatial = is_simulcast ? std::uint8_t{7} : static_cast<std::uint8_t>(layer),
       .temporal = temporal});
  if (is_simulcast) entry.consumer->set_target(layer);
  if (entry.consumer->wanted_key_frame()) request_key_frame(id);
  tell_layers(id, entry);
}

std::optional<LayerTarget> MediaEngine::layers_sent(ConsumerId id) const {
  const auto* const entry = find(consumers_, id);
  const auto current = entry == nullptr ? std::nullopt : entry->consumer->current();
  if (!current) return std::nullopt;
  const Producer& producer = producers_.at(entry->producer).producer->read();
  LayerTarget sent = producer.stream(*current).highest_layers();
  const LayerTarget passed = entry->consumer->layers();
  sent.spatial = std::min(sent.spatial, passed.spatial);
  sent.temporal = std::min(sent.temporal, passed.temporal);
  if (producer.stream_count() > 1) sent.spatial = static_cast<std::uint8_t>(*current);
  return sent;
}

void MediaEngine::tell_layers(ConsumerId id, ConsumerEntry& entry) {
  const auto sent = layers_sent(id);
  if (!sent || producers_.at(entry.producer).producer->read().layer_count() == 1) return;
  if (std::exchange(entry.has_told, true) && entry.told == *sent) return;
  entry.told = *sent;
  events_.emplace_back(
      LayersChanged{.consumer = id, .spatial = sent->spatial, .temporal = sent->temporal});
}

// For how many encodings, from the lowest on: what its path carries may be any up to its wish.
std::size_t MediaEngine::wishes_of(const ConsumerEntry& entry) const {
  if (entry.consumer->is_paused()) return 0;
  return std::min(entry.wish.spatial + 1, producers_.at(entry.producer).wanted.size());
}

// What was told to be unwanted is wanted at once.
void MediaEngine::note_wish(ProducerId id, std::size_t wishes) {
  ProducerEntry& producer = producers_.at(id);
  std::vector<bool>& wanted = producer.wanted;
  const auto end = wanted.begin() + static_cast<std::ptrdiff_t>(wishes);
  for (std::size_t i = 0; i < wishes; ++i) producer.wished_at[i].reset();  // by the next count: now
  if (std::find(wanted.begin(), end, false) == end) return;
  std::fill(wanted.begin(), end, true);
  events_.emplace_back(EncodingsWanted{.producer = id, .encodings = wanted});
}

void MediaEngine::count_wishes(Instant now) {
  for (auto& [id, entry] : producers_) entry.wishes = 0;
  for (const auto& [id, consumer] : consumers_) {
    ProducerEntry& entry = producers_.at(consumer.producer);
    entry.wishes = std::max(entry.wishes, wishes_of(consumer));
  }
  for (const auto& [id, pipe] : pipes_) {
    ProducerEntry& entry = producers_.at(pipe.producer);
    entry.wishes = std::max(entry.wishes, pipe.consumer->wanted());
  }
  for (auto& [id, entry] : producers_) {
    const bool is_piped = transports_.at(entry.transport).read().is_pipe;
    const Producer& producer = entry.producer->read();
    const bool is_asked =
        is_piped ? producer.options().kind == MediaKind::Video : producer.stream_count() > 1;
    if (!is_asked) continue;
    bool has_changed = false;
    for (std::size_t i = 0; i < entry.wanted.size(); ++i) {
      std::optional<Instant>& at = entry.wished_at[i];
      if (i < entry.wishes || !at) at = now;
      const bool is_wanted = now - *at < kUnwantedAfter;
      has_changed |= entry.wanted[i] && !is_wanted;
      entry.wanted[i] = entry.wanted[i] && is_wanted;
    }
    if (has_changed) {
      events_.emplace_back(EncodingsWanted{.producer = id, .encodings = entry.wanted});
    }
  }
}

MediaEngine::LinkQuality MediaEngine::quality(Instant now, TransportId id) {
  const TimedEntry* const found = find(transports_, id);
  if (found == nullptr || found->read().web_rtc == nullptr) return {};
  const Entry& entry = found->read();
  LinkQuality quality;
  quality.is_connected = entry.web_rtc->state() == WebRtcTransport::State::Connected &&
                         !entry.web_rtc->ice().is_lost(now);
  for (const auto& [timed, room] : entry.producers) {
    const auto producer = timed->change();
    for (std::size_t i = 0; i < producer->stream_count(); ++i) {
      ProducerStream& stream = producer->stream(i);
      const DataRate rate = stream.layer_rate(now, stream.layer_count() - 1);
      if (rate == DataRate()) continue;
      quality.rate = quality.rate + rate;
      quality.loss += stream.loss();
      ++quality.streams;
    }
  }
  for (const auto& [ssrc, sink] : entry.sinks) {
    const DataRate rate = sink.consumer->rate(now);
    if (sink.consumer->rtt()) quality.rtt = sink.consumer->rtt();
    if (rate == DataRate()) continue;
    quality.rate = quality.rate + rate;
    quality.loss += sink.consumer->loss();
    ++quality.streams;
  }
  if (quality.streams > 0) quality.loss /= static_cast<double>(quality.streams);
  if (entry.web_rtc->bandwidth() != nullptr) {
    quality.available = entry.web_rtc->bandwidth()->estimate();
  }
  return quality;
}

void MediaEngine::tell_speakers(Instant now) {
  for (TimedRoom* const timed : room_deadlines_.due(now)) {
    const auto room = timed->change();
    const auto speakers = room->voices.speakers.poll(now);
    if (!speakers) continue;
    SpeakersChanged changed{.room = room->id, .dominant = std::nullopt, .speaking = {}};
    if (speakers->dominant) {
      changed.dominant = ProducerId{static_cast<std::uint32_t>(*speakers->dominant)};
    }
    for (const auto source : speakers->speaking) {
      changed.speaking.push_back(ProducerId{static_cast<std::uint32_t>(source)});
    }
    events_.emplace_back(std::move(changed));
  }
}

}  // namespace rtc
