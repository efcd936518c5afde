#include "sfu/sfu_service.hpp"

#include <chrono>

#include "rtc/ortc/encode.hpp"
#include "sfu/ask_worker.hpp"
#include "sfu/local_addresses.hpp"
#include "sfu/media_stats.hpp"
#include "sfu/sfu_entries.hpp"
#include "sfu/sfu_refusals.hpp"

namespace server::sfu {

namespace {

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
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

void SfuService::close_transports(const Peer& peer) {
  worker_of(peer).post_even_if_full([send = peer.send, receive = peer.receive](
                                        Instant, rtc::MediaEngine& engine, rtc::Outbox& out) {
    engine.close_transport(send, out);
    engine.close_transport(receive, out);
  });
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
                               .kind = rtc::ortc::word_of(entry.negotiated.kind),
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
