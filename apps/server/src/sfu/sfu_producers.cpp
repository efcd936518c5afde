// What people send.
#include "sfu/ask_worker.hpp"
#include "sfu/sfu_entries.hpp"
#include "sfu/sfu_refusals.hpp"

namespace server::sfu {

namespace {

constexpr std::size_t kCnameLength = 16;  // characters: 96 bits (RFC 7022)

}  // namespace

net::awaitable<http::Result<ProducerInfo>> SfuService::produce(std::string id,
                                                               std::string transport,
                                                               std::string kind,
                                                               json::value rtp_parameters,
                                                               bool paused) {
  const auto found = find_peer(id);
  if (!found) co_return std::unexpected(found.error());
  const PeerPtr peer = *found;
  if (transport != peer->send_id) co_return unknown("send transport");
  if (peer->producers.size() >= kProducersMax) {
    co_return http::fail(400, "SFU_ERROR", "too many producers");
  }
  auto negotiated = negotiate_producer(kind, rtp_parameters, random_);
  if (!negotiated) co_return std::unexpected(std::move(negotiated.error()));
  // Sound and picture of one sender are in step by one name; Chromium gives none to simulcast.
  auto& cname = negotiated->consumable.rtcp.cname;
  if (peer->cname.empty()) peer->cname = cname.value_or("");
  if (peer->cname.empty()) peer->cname = random_.url_safe(kCnameLength);
  cname = peer->cname;
  const auto entry = std::make_shared<ProducerEntry>();
  entry->id = random_.url_safe(kIdLength);
  entry->room = peer->room;
  entry->peer = id;
  entry->negotiated = std::move(*negotiated);
  entry->paused = paused;
  peer->producers.push_back(entry->id);  // counts from now on

  entry->worker = peer->worker;
  auto make = [send = peer->send, part = peer->part, entry, paused](
                  Instant, rtc::MediaEngine& engine, rtc::Outbox&) -> bool {
    const auto made = engine.produce(send, entry->negotiated.options, part->engine_id);
    if (!made) return false;
    entry->engine_id = *made;
    if (paused) engine.set_producer_paused(*made, true);
    return true;
  };
  const auto made = co_await ask_worker(worker_of(*peer), std::move(make));
  if (peer->is_gone) co_return not_joined();
  if (!made || !*made) {
    std::erase(peer->producers, entry->id);
    if (!made) co_return busy();
    co_return http::fail(400, "SFU_ERROR", "an SSRC is taken, or there are too many");
  }
  producers_[entry->id] = entry;
  producer_names_[{entry->worker, entry->engine_id}] = entry->id;
  if (entry->negotiated.kind == rtc::ortc::MediaKind::Audio) {
    for (const auto& part : rooms_[entry->room]) open_pipe(entry, part);
  }
  co_return ProducerInfo{.id = entry->id, .kind = kind, .paused = paused};
}

http::Result<void> SfuService::set_producer_paused(const std::string& id,
                                                   const std::string& producer, bool paused) {
  const auto peer = find_peer(id);
  if (!peer) return std::unexpected(peer.error());
  const auto found = producers_.find(producer);
  if (found == producers_.end() || found->second->peer != id) return unknown("producer");
  const auto engine_id = found->second->engine_id;
  const bool is_taken =
      worker_of(**peer).post([engine_id, paused](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
        engine.set_producer_paused(engine_id, paused);
      });
  if (!is_taken) return busy();
  found->second->paused = paused;
  for (const auto& [there, pipe] : found->second->pipes) {
    workers_[there]->post_even_if_full(
        [pipe, paused](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
          if (pipe->producer) engine.set_producer_paused(*pipe->producer, paused);
        });
  }
  return {};
}

http::Result<void> SfuService::close_producer(const std::string& id, const std::string& producer) {
  const auto peer = find_peer(id);
  if (!peer) return std::unexpected(peer.error());
  const auto found = producers_.find(producer);
  if (found == producers_.end() || found->second->peer != id) return unknown("producer");
  const auto engine_id = found->second->engine_id;
  std::erase((*peer)->producers, producer);
  forget_producer(producer);
  worker_of(**peer).post_even_if_full([engine_id](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    engine.close_producer(engine_id);
  });
  return {};
}

// The engine closes its consumers with it; what others know of them goes too.
void SfuService::forget_producer(const std::string& id) {
  const auto found = producers_.find(id);
  if (found == producers_.end()) return;  // it was still being made
  const auto producer = found->second;
  while (!producer->pipes.empty()) close_pipe(*producer, producer->pipes.begin()->first);
  producer_names_.erase({producer->worker, producer->engine_id});
  producers_.erase(found);
  for (const auto& [name, peer] : peers_) {
    std::erase_if(peer->consumers, [&](const auto& one) {
      if (one.second.producer != id) return false;
      consumer_names_.erase({peer->worker, one.second.engine_id});
      return true;
    });
  }
}

}  // namespace server::sfu
