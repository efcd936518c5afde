#include "sfu/sfu_service.hpp"

#include <algorithm>
#include <boost/json/value_to.hpp>
#include <chrono>

#include "rtc/ortc/encode.hpp"
#include "sfu/ask_worker.hpp"
#include "sfu/local_addresses.hpp"
#include "sfu/media_stats.hpp"
#include "sfu/sfu_entries.hpp"

namespace server::sfu {

namespace {

constexpr std::size_t kIdLength = 20;  // characters: 120 bits

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string_view name_of(rtc::ortc::MediaKind kind) {
  return kind == rtc::ortc::MediaKind::Audio ? "audio" : "video";
}

std::unexpected<http::ApiError> not_joined() {
  return http::fail(400, "SFU_ERROR", "sfu:join comes first");
}
std::unexpected<http::ApiError> unknown(std::string_view what) {
  return http::fail(404, "SFU_ERROR", std::string("there is no such ").append(what));
}
std::unexpected<http::ApiError> busy() {
  return http::fail(503, "UNAVAILABLE", "the media worker is busy");
}

}  // namespace

SfuService::SfuService(const net::any_io_executor& executor, const SfuOptions& options,
                       Random& random)
    : options_(options), random_(random), identity_(unix_now()), executor_(executor) {
  if (options_.announced.empty()) {
    const bool is_one = options_.listen_ip && !options_.listen_ip->is_unspecified();
    options_.announced = is_one ? std::vector{*options_.listen_ip} : local_addresses();
  }
  for (std::size_t i = 0; i < options_.workers; ++i) {
    const auto port = static_cast<std::uint16_t>(options_.port == 0 ? 0 : options_.port + i);
    const auto tell = [this, executor, i,
                       alive = std::weak_ptr(alive_)](const rtc::EngineEvent& event) {
      net::post(executor, [this, i, event, alive] {
        if (!alive.expired()) handle(i, event);
      });
    };
    workers_.push_back(std::make_unique<MediaWorker>(
        MediaWorkerOptions{.listen_ip = options_.listen_ip,
                           .port = port,
                           .cpu = options_.workers > 1 ? std::optional<unsigned>(i) : std::nullopt,
                           .number = static_cast<std::uint16_t>(i),
                           .on_event = tell}));
  }
}

SfuService::~SfuService() { workers_.clear(); }

json::object SfuService::router_rtp_capabilities() const {
  return rtc::ortc::encode(router_capabilities());
}

http::Result<void> SfuService::check_capabilities(const json::value& rtp_capabilities) const {
  if (auto read = read_capabilities(rtp_capabilities); !read) {
    return std::unexpected(std::move(read.error()));
  }
  return {};
}

MediaWorker::Counters SfuService::counters() const {
  MediaWorker::Counters sum;
  for (const auto& worker : workers_) sum += worker->counters();
  return sum;
}

MediaWorker& SfuService::worker_of(const Peer& peer) { return *workers_[peer.worker]; }

std::vector<rtc::IceCandidate> SfuService::candidates(std::size_t worker) const {
  const std::uint16_t port = workers_[worker]->port();
  const std::uint16_t tcp = options_.tcp_announced_port == 0 ? port : options_.tcp_announced_port;
  return rtc::host_candidates(options_.announced, port, tcp);
}

http::Result<SfuService::PeerPtr> SfuService::find_peer(const std::string& id) const {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return not_joined();
  return found->second;
}

net::awaitable<http::Result<PeerTransports>> SfuService::join(std::string room, std::string id,
                                                              json::value rtp_capabilities) {
  auto capabilities = read_capabilities(rtp_capabilities);
  if (!capabilities) co_return std::unexpected(std::move(capabilities.error()));
  leave(id);
  const auto peer = std::make_shared<Peer>();
  peer->id = id;
  peer->room = room;
  const auto part = place(room);
  ++part->people;
  peer->part = part;
  peer->worker = part->worker;
  peer->capabilities = std::move(*capabilities);
  peer->send_id = random_.url_safe(kIdLength);
  peer->receive_id = random_.url_safe(kIdLength);
  peers_[id] = peer;

  const auto send = rtc::IceCredentials::generate(random_);
  const auto receive = rtc::IceCredentials::generate(random_);
  auto open = [send, receive, part, this](Instant now, rtc::MediaEngine& engine, rtc::Outbox&) {
    return std::tuple(engine.open_web_rtc(now, send, identity_),
                      engine.open_web_rtc(now, receive, identity_), *part->engine_id);
  };
  const auto opened = co_await ask_worker(worker_of(*peer), std::move(open));
  const auto [sending, receiving, engine_room] =
      opened.value_or(std::tuple(std::nullopt, std::nullopt, rtc::RoomId{}));
  peer->send = sending.value_or(rtc::TransportId{});
  peer->receive = receiving.value_or(rtc::TransportId{});
  if (opened && part->people > 0) {
    part->known_id = engine_room;
    room_names_[{part->worker, engine_room}] = room;
  }
  if (peer->is_gone) {  // left meanwhile, when there was nothing to close yet
    close_transports(*peer);
    co_return not_joined();
  }
  if (!sending || !receiving) {
    leave(id);
    co_return busy();
  }
  const auto offered = candidates(peer->worker);
  co_return PeerTransports{
      .send = describe_transport(peer->send_id, send, offered, identity_),
      .receive = describe_transport(peer->receive_id, receive, offered, identity_)};
}

void SfuService::leave(const std::string& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  const PeerPtr peer = found->second;
  peers_.erase(found);
  peer->is_gone = true;
  while (!peer->consumers.empty()) end_consumer(*peer, peer->consumers.begin()->first);
  for (const std::string& producer : peer->producers) forget_producer(producer);
  close_transports(*peer);
  if (--peer->part->people == 0) close_part(peer->room, peer->part);
}

void SfuService::end_consumer(Peer& peer, const std::string& consumer) {
  const auto found = peer.consumers.find(consumer);
  const std::string producer = found->second.producer;
  consumer_names_.erase({peer.worker, found->second.engine_id});
  peer.consumers.erase(found);
  release_pipe(producer, peer.worker);
}

void SfuService::close_transports(const Peer& peer) {
  worker_of(peer).post_even_if_full([send = peer.send, receive = peer.receive](
                                        Instant, rtc::MediaEngine& engine, rtc::Outbox& out) {
    engine.close_transport(send, out);
    engine.close_transport(receive, out);
  });
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

http::Result<void> SfuService::connect_transport(const std::string& id,
                                                 const std::string& transport,
                                                 const json::value& dtls_parameters) {
  const auto peer = find_peer(id);
  if (!peer) return std::unexpected(peer.error());
  const auto engine_id = (*peer)->transport(transport);
  if (!engine_id) return unknown("transport");
  const auto remote = read_dtls_parameters(dtls_parameters);
  if (!remote) return std::unexpected(remote.error());
  const bool is_taken =
      worker_of(**peer).post([engine_id = *engine_id, remote = *remote](
                                 Instant now, rtc::MediaEngine& engine, rtc::Outbox& out) {
        engine.connect(now, engine_id, remote.role, remote.fingerprint, out);
      });
  if (!is_taken) return busy();
  return {};
}

net::awaitable<http::Result<json::object>> SfuService::restart_ice(std::string id,
                                                                   std::string transport) {
  const auto peer = find_peer(id);
  if (!peer) co_return std::unexpected(peer.error());
  const auto engine_id = (*peer)->transport(transport);
  if (!engine_id) co_return unknown("transport");
  const auto credentials = rtc::IceCredentials::generate(random_);
  auto restart = [engine_id = *engine_id, credentials](Instant, rtc::MediaEngine& engine,
                                                       rtc::Outbox&) {
    return engine.restart_ice(engine_id, credentials);
  };
  const auto restarted = co_await ask_worker(worker_of(**peer), std::move(restart));
  if (!restarted) co_return busy();
  if (!*restarted) co_return unknown("transport");
  co_return describe_ice(credentials);
}

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
                         .kind = std::string(name_of(entry->negotiated.kind)),
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

net::awaitable<http::Result<json::object>> SfuService::stats(std::string id) {
  const auto found = find_peer(id);
  if (!found) co_return std::unexpected(found.error());
  const PeerPtr peer = *found;
  PeerStats stats{
      .transports = {{.id = peer->send_id, .direction = "send", .engine_id = peer->send},
                     {.id = peer->receive_id, .direction = "recv", .engine_id = peer->receive}}};
  for (const std::string& name : peer->producers) {
    const auto producer = producers_.find(name);
    if (producer == producers_.end()) continue;  // being made
    const ProducerEntry& entry = *producer->second;
    stats.producers.push_back({.id = name,
                               .kind = name_of(entry.negotiated.kind),
                               .paused = entry.paused,
                               .engine_id = entry.engine_id});
  }
  for (const auto& [name, entry] : peer->consumers) {
    stats.consumers.push_back(
        {.id = name, .producer = entry.producer, .engine_id = entry.engine_id});
  }
  auto read = [stats = std::move(stats)](Instant, rtc::MediaEngine& engine, rtc::Outbox&) mutable {
    read_stats(engine, stats);
    return std::move(stats);
  };
  const auto answered = co_await ask_worker(worker_of(*peer), std::move(read));
  if (!answered) co_return busy();
  co_return to_json(*answered);
}

}  // namespace server::sfu
