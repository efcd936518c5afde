// What people receive.
#include <algorithm>

#include "rtc/ortc/encode.hpp"
#include "sfu/ask_worker.hpp"
#include "sfu/sfu_entries.hpp"
#include "sfu/sfu_refusals.hpp"

namespace server::sfu {

net::awaitable<http::Result<ConsumerInfo>> SfuService::consume(std::string id, std::string producer,
                                                               json::value rtp_capabilities) {
  const auto found = find_peer(id);
  if (!found) co_return std::unexpected(found.error());
  const PeerPtr peer = *found;
  const auto source = producers_.find(producer);
  const bool is_theirs = source != producers_.end() && source->second->room == peer->room;
  if (!is_theirs) co_return unknown("producer");
  if (source->second->peer == id) {
    co_return http::fail(400, "SFU_ERROR", "nobody consumes what they produce");
  }
  // A second copy would multiply what one producer costs, and shows nobody anything new.
  const bool is_repeated = std::ranges::any_of(
      peer->consumers, [&](const auto& one) { return one.second.producer == producer; });
  if (is_repeated) {
    co_return http::fail(400, "SFU_ERROR", "this producer is consumed already");
  }
  if (peer->consumers.size() >= kConsumersMax) {
    co_return http::fail(400, "SFU_ERROR", "too many consumers");
  }
  if (!rtp_capabilities.is_null()) {
    auto capabilities = read_capabilities(rtp_capabilities);
    if (!capabilities) co_return std::unexpected(std::move(capabilities.error()));
    peer->capabilities = std::move(*capabilities);
  }
  const auto entry = source->second;
  auto negotiated = negotiate_consumer(entry->negotiated, peer->capabilities,
                                       std::to_string(peer->next_mid++), random_);
  if (!negotiated) co_return std::unexpected(std::move(negotiated.error()));
  const std::string consumer = random_.url_safe(kIdLength);
  Peer::ConsumerEntry& place = peer->consumers[consumer];  // counts from now on
  place.producer = producer;
  open_pipe(entry, peer->part);
  const auto way = entry->pipes.find(peer->worker);
  const auto pipe = way == entry->pipes.end() ? nullptr : way->second;
  if (pipe) ++pipe->consumers;

  auto make = [peer, entry, pipe, options = negotiated->options](
                  Instant, rtc::MediaEngine& engine,
                  rtc::Outbox&) -> std::optional<rtc::ConsumerId> {
    if (pipe && !pipe->producer) return std::nullopt;
    return engine.consume(peer->receive, pipe ? *pipe->producer : entry->engine_id, options);
  };
  const auto made = co_await ask_worker(worker_of(*peer), std::move(make));
  const auto kept = peer->consumers.find(consumer);
  const bool is_over = peer->is_gone || kept == peer->consumers.end();
  if (!made || !*made || is_over) {
    if (!is_over) end_consumer(*peer, consumer);
    if (!made) co_return busy();
    co_return unknown("producer");  // it, or the peer, ended meanwhile
  }
  kept->second.engine_id = **made;
  consumer_names_[{peer->worker, **made}] = {id, consumer};
  co_return ConsumerInfo{.id = consumer,
                         .producer_id = producer,
                         .kind = std::string(rtc::ortc::word_of(entry->negotiated.kind)),
                         .rtp_parameters = rtc::ortc::encode(negotiated->parameters),
                         .type = type_of(entry->negotiated),
                         .producer_paused = entry->paused};
}

// Runs `command(now, engine, id)` for the peer's consumer.
template <class Command>
http::Result<void> SfuService::command_consumer(const std::string& id, const std::string& consumer,
                                                Command command) {
  const auto peer = find_peer(id);
  if (!peer) return std::unexpected(peer.error());
  const auto found = (*peer)->consumers.find(consumer);
  if (found == (*peer)->consumers.end()) return unknown("consumer");
  const bool is_taken =
      worker_of(**peer).post([engine_id = found->second.engine_id, command](
                                 Instant now, rtc::MediaEngine& engine, rtc::Outbox&) {
        command(now, engine, engine_id);
      });
  if (!is_taken) return busy();
  return {};
}

http::Result<void> SfuService::set_consumer_paused(const std::string& peer,
                                                   const std::string& consumer, bool paused) {
  return command_consumer(
      peer, consumer, [paused](Instant now, rtc::MediaEngine& engine, rtc::ConsumerId consumer_id) {
        engine.set_paused(now, consumer_id, paused);
      });
}

http::Result<void> SfuService::request_key_frame(const std::string& peer,
                                                 const std::string& consumer) {
  return command_consumer(peer, consumer,
                          [](Instant, rtc::MediaEngine& engine, rtc::ConsumerId consumer_id) {
                            engine.request_key_frame(consumer_id);
                          });
}

http::Result<void> SfuService::prefer_layers(const std::string& peer, const std::string& consumer,
                                             const PreferredLayers& layers) {
  const rtc::MediaEngine::LayerWish wish{.spatial = layers.spatial,
                                         .temporal = layers.temporal,
                                         .priority = layers.priority,
                                         .pixels = layers.pixels};
  return command_consumer(
      peer, consumer, [wish](Instant now, rtc::MediaEngine& engine, rtc::ConsumerId consumer_id) {
        engine.prefer_layers(now, consumer_id, wish);
      });
}

http::Result<void> SfuService::close_consumer(const std::string& id, const std::string& consumer) {
  const auto result = command_consumer(
      id, consumer, [](Instant, rtc::MediaEngine& engine, rtc::ConsumerId consumer_id) {
        engine.close_consumer(consumer_id);
      });
  if (!result) return result;
  end_consumer(*peers_[id], consumer);
  return result;
}

void SfuService::end_consumer(Peer& peer, const std::string& consumer) {
  const auto found = peer.consumers.find(consumer);
  const std::string producer = found->second.producer;
  consumer_names_.erase({peer.worker, found->second.engine_id});
  peer.consumers.erase(found);
  release_pipe(producer, peer.worker);
}

}  // namespace server::sfu
