#include "app/server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iterator>
#include <utility>

#include "app/announced.hpp"
#include "app/chat_expiry.hpp"
#include "app/client_folder.hpp"
#include "app/health_routes.hpp"
#include "app/meetings.hpp"
#include "app/migrate.hpp"
#include "app/operator_routes.hpp"
#include "http/docs_routes.hpp"
#include "http/listener.hpp"
#include "http/static_files.hpp"
#include "sfu/sfu_service.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace server::app {

namespace {

using namespace std::chrono_literals;
using http::tcp;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr auto kStopPatience = 10s;
constexpr auto kArrivalPatience = 2s;  // of it, for requests that are still arriving
constexpr auto kDrainPatience = 10min;

// Every connection needs a descriptor, and the soft limit is often 1024.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return std::min<std::size_t>(limit.rlim_cur, 1'000'000);
}

std::string content_security_policy(const http::StaticFiles& files) {
  return "default-src 'self'; script-src 'self'" + files.script_hashes() +
         "; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
         "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; "
         "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

std::string public_url(const Config& config, std::uint16_t port) {
  const char* scheme = config.tls_cert.empty() ? "http" : "https";
  return config.public_url.value_or(fmt::format("{}://localhost:{}", scheme, port));
}

http::ListenOptions listen_options(const Config& config) {
  const std::size_t descriptors = raise_descriptor_limit();
  return {.host = config.host,
          .port = config.port,
          .tls_cert = config.tls_cert,
          .tls_key = config.tls_key,
          .connections_max = descriptors - std::min<std::size_t>(descriptors / 4, 1'000)};
}

// The host part of an origin, without port; IPv6 keeps its brackets.
std::string host_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find('/'));
  const std::size_t port = url.find(':', url.starts_with('[') ? url.find(']') : 0);
  return std::string(url.substr(0, port));
}

MeetingOptions meeting_options(const Config& config, const std::string& url, std::uint16_t rtc_port,
                               http::Addresses& addresses) {
  const std::string host =
      config.rtc_announced_ip.empty() ? host_of(url) : config.rtc_announced_ip.front();
  const boost::json::array own{{{"urls", fmt::format("stun:{}:{}", host, rtc_port)}}};
  return {.addresses = addresses,
          .calls = {.peers_max = static_cast<std::size_t>(config.room_max_peers),
                    .p2p_peers_max = static_cast<std::size_t>(config.rtc_p2p_max_peers)},
          .ice = {.servers = config.ice_servers.value_or(own),
                  .turn_urls = config.turn_urls,
                  .turn_secret = config.turn_secret,
                  .turn_ttl = config.turn_ttl},
          .rate_limit = config.rate_limit};
}

sfu::SfuOptions media_options(const Config& config) {
  auto announced = announced_addresses(config);
  for (const std::string& mistake : announced_mistakes(config, announced)) log::warn(mistake);
  return sfu_options(config, std::move(announced));
}

std::unique_ptr<Clustering> several_servers(net::io_context& io, const Config& config,
                                            cluster::Bus& bus, Random& random) {
  return config.redis ? std::make_unique<Clustering>(io, config, bus, random) : nullptr;
}

http::RateLimiter::Shared shared_rates(Clustering* clustering) {
  if (clustering == nullptr) return {};
  return [clustering](std::string key, int per_minute) {
    return clustering->rates.take(std::move(key), per_minute);
  };
}

void report(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);  // ends run(), and with it the server
}

}  // namespace

// In the order of construction: each part uses those above it.
struct Server::Parts {
  explicit Parts(const Config& config);

  http::RouterOptions router_options(const Config& config);
  net::awaitable<void> watch_signals();
  net::awaitable<void> stop();
  // Lets nobody new in, hands over the rooms that lose nothing by it, waits for the others to empty
  // and for the people here to go, and stops.
  void drain();
  net::awaitable<void> stop_when_empty();
  void register_metrics();
  void register_cluster_metrics();
  void register_media_metrics();
  void register_refusals();
  // Until there are none, or the deadline.
  net::awaitable<void> wait_for_connections(Instant deadline);

  SecureRandom random;
  cluster::Bus bus;
  telemetry::Metrics metrics;
  net::io_context io{1};
  http::Listener listener;
  const std::string url;
  std::unique_ptr<Clustering> clustering;  // null: this server alone
  sfu::SfuService media;
  Accounts accounts;
  http::Origins origins;
  http::Addresses addresses;
  Meetings meetings;
  http::StaticFiles files;
  http::Router router;
  http::Connections connections;
  http::SessionContext sessions;
  net::signal_set signals;
  bool is_stopping = false;
};

Server::Parts::Parts(const Config& config)
    : listener(io, listen_options(config)),
      url(public_url(config, listener.port())),
      clustering(several_servers(io, config, bus, random)),
      media(io.get_executor(), media_options(config), random),
      accounts(config, shared_rates(clustering.get()), bus, random),
      origins(url, config.allowed_origins),
      addresses(config.rate_limit),
      meetings(io, meeting_options(config, url, media.port(), addresses), accounts, media, origins,
               bus, clustering.get(), random),
      files(client_folder()),
      router(router_options(config)),
      sessions{.router = router,
               .doorways = {meetings.gateway.doorway()},
               .trust = http::ProxyTrust(config.trust_proxy),
               .connections = connections,
               .addresses = addresses,
               .limits = {},
               .request_ids = {}},
      signals(io, SIGTERM, SIGINT, SIGHUP) {
  register_metrics();
}

http::RouterOptions Server::Parts::router_options(const Config& config) {
  const bool is_https = url.starts_with("https://");
  http::Routes routes = accounts.routes(
      is_https, [this](std::string_view room_id) { return meetings.peer_count(room_id); });
  std::ranges::move(call::call_routes(meetings.ice, config.rtc_p2p_max_peers),
                    std::back_inserter(routes));
  std::ranges::move(
      health_routes(
          {{"database", [this] { return accounts.is_store_up(); }},
           {"accepting", [this]() -> net::awaitable<bool> { co_return !meetings.draining; }}}),
      std::back_inserter(routes));
  OperatorTokens tokens{
      .metrics = config.metrics_token,
      .admin = config.admin_token.empty() ? config.metrics_token : config.admin_token,
      .is_required = is_public(config)};
  std::ranges::move(operator_routes(metrics, std::move(tokens), [this] { drain(); }),
                    std::back_inserter(routes));
  std::ranges::move(http::docs_routes(), std::back_inserter(routes));
  return {.routes = std::move(routes),
          .authenticate =
              [this](const http::Request& request) { return accounts.auth.authenticate(request); },
          .fallback = [this](const http::Request& request) { return files.serve(request); },
          .origins = origins,
          .content_security_policy = content_security_policy(files),
          .limiter = &accounts.limiter,
          .on_answered = [this](unsigned status,
                                Duration took) { metrics.count_request(status, took); }};
}

void Server::Parts::register_metrics() {
  metrics.gauge("webrtc_chat_http_connections", "Open connections of the web door.",
                [this] { return static_cast<double>(connections.count()); });
  metrics.counter("webrtc_chat_tls_handshakes_refused_total",
                  "Connections closed because too many of their address waited to shake hands.",
                  [this] { return static_cast<double>(listener.handshakes_refused()); });
  metrics.gauge("webrtc_chat_sockets",
                "Socket.IO connections, the lost ones that may come back among them.",
                [this] { return static_cast<double>(meetings.calls.connection_count()); });
  metrics.gauge("webrtc_chat_rooms", "Rooms with somebody in them or at their door.",
                [this] { return static_cast<double>(meetings.calls.room_count()); });
  metrics.gauge("webrtc_chat_peers", "People in rooms.",
                [this] { return static_cast<double>(meetings.calls.member_count()); });
  metrics.counter("webrtc_chat_log_lines_dropped_total", "Log lines that found the ring full.",
                  [] { return static_cast<double>(log::dropped()); });
  if (clustering) register_cluster_metrics();
  register_media_metrics();
  register_refusals();
}

// Each reason stands in docs/security.md, "Budgets".
void Server::Parts::register_refusals() {
  const auto count = [this](const char* reason, auto read) {
    metrics.counter("webrtc_chat_refused_total", "What a limit refused, by the limit.",
                    [read] { return static_cast<double>(read()); }, {{"reason", reason}});
  };
  const auto gateway = [&](const char* reason, std::uint64_t gateway::Refusals::* value) {
    count(reason, [this, value] { return meetings.gateway.refusals().*value; });
  };
  const auto engine = [&](const char* reason, std::uint64_t sio::EngineRefusals::* value) {
    count(reason, [this, value] { return meetings.gateway.engine_refusals().*value; });
  };
  const auto socket = [&](const char* reason, std::uint64_t sio::PacketRefusals::* value) {
    count(reason, [this, value] { return meetings.gateway.packet_refusals().*value; });
  };
  const auto address = [&](const char* reason, std::uint64_t http::Addresses::Refusals::* value) {
    count(reason, [this, value] { return addresses.refusals().*value; });
  };
  gateway("event_rate", &gateway::Refusals::event_rate);
  gateway("event_octets", &gateway::Refusals::event_octets);
  gateway("refusal_rate", &gateway::Refusals::refusal_rate);
  gateway("octet_rate", &gateway::Refusals::octet_rate);
  gateway("unread_octets", &gateway::Refusals::unread_octets);
  gateway("sessions_per_address", &gateway::Refusals::sessions_per_address);
  gateway("foreign_session", &gateway::Refusals::foreign_session);
  gateway("sessions", &gateway::Refusals::sessions);
  engine("packets_per_post", &sio::EngineRefusals::packets_per_post);
  engine("write_buffer", &sio::EngineRefusals::write_buffer);
  engine("unread_octets_per_address", &sio::EngineRefusals::octet_budget);
  engine("unknown_session", &sio::EngineRefusals::unknown_session);
  socket("malformed_packet", &sio::PacketRefusals::malformed);
  socket("attachments", &sio::PacketRefusals::attachments);
  socket("unfinished_packet", &sio::PacketRefusals::unfinished);
  address("connections_per_address", &http::Addresses::Refusals::connections);
  address("octets_per_address", &http::Addresses::Refusals::octets);
  if (clustering) {
    count("forged_message", [this] { return clustering->nodes.refusals().forged; });
    count("oversized_message", [this] { return clustering->nodes.refusals().oversized; });
  }
  count("request_rate", [this] { return accounts.limiter.refused(); });
  count("slow_request", [this] { return connections.timed_out(); });
}

void Server::Parts::register_cluster_metrics() {
  metrics.gauge("webrtc_chat_redis_connected", "1 while Redis answers, else 0.",
                [this] { return clustering->redis.is_connected() ? 1.0 : 0.0; });
  metrics.gauge("webrtc_chat_other_servers", "Servers that this one acts together with.",
                [this] { return static_cast<double>(clustering->nodes.others()); });
  metrics.gauge("webrtc_chat_sockets_sent_out", "Sockets here whose room lives at another server.",
                [this] { return static_cast<double>(meetings.edge->count()); });
  metrics.gauge("webrtc_chat_sockets_taken_in", "Sockets of other servers in rooms here.",
                [this] { return static_cast<double>(meetings.remote->count()); });
}

void Server::Parts::register_media_metrics() {
  using Counters = sfu::MediaWorker::Counters;
  const auto read = [this](std::uint64_t Counters::* value) {
    return [this, value] { return static_cast<double>(media.counters().*value); };
  };
  metrics.gauge("webrtc_chat_sfu_transports", "Transports of the media workers.",
                read(&Counters::transports));
  metrics.gauge("webrtc_chat_sfu_producers", "Producers of the media workers.",
                read(&Counters::producers));
  metrics.gauge("webrtc_chat_sfu_consumers", "Consumers of the media workers.",
                read(&Counters::consumers));
  metrics.gauge("webrtc_chat_sfu_pipes", "Producers that one media worker hands to another.",
                read(&Counters::pipes));
  metrics.gauge("webrtc_chat_media_tcp_connections", "Open connections of the media ports.",
                read(&Counters::tcp_connections));
  metrics.counter("webrtc_chat_media_tcp_refused_total",
                  "Connections to the media ports beyond what one network, or all, may have.",
                  read(&Counters::tcp_refused));
  metrics.counter("webrtc_chat_stun_answers_total",
                  "STUN binding requests answered by the media ports.",
                  read(&Counters::stun_answers));
  metrics.counter("webrtc_chat_datagrams_received_total", "Datagrams that came to a media port.",
                  read(&Counters::datagrams));
  metrics.counter("webrtc_chat_datagrams_sent_total", "Datagrams that the kernel took.",
                  read(&Counters::sent));
  const std::pair<const char*, std::uint64_t Counters::*> drops[] = {
      {"malformed", &Counters::dropped_malformed},
      {"unexpected", &Counters::dropped_unexpected},
      {"forged", &Counters::dropped_forged},
      {"over_budget", &Counters::dropped_over_budget},
      {"feedback_over_budget", &Counters::dropped_feedback},
      {"key_frame_over_budget", &Counters::dropped_key_frames},
      {"retransmission_over_budget", &Counters::dropped_resends},
      {"handshakes_full", &Counters::dropped_handshakes},
      {"receiver_over_budget", &Counters::dropped_too_much},
      {"stun_over_budget", &Counters::stun_over_budget},
      {"outbox_full", &Counters::dropped_outbox},
      {"pipe_full", &Counters::pipe_dropped},
      {"not_sent", &Counters::send_dropped},
      {"receive_buffer_full", &Counters::receive_dropped}};
  for (const auto& [reason, value] : drops) {
    metrics.counter("webrtc_chat_datagrams_dropped_total",
                    "Datagrams that went nowhere, by reason.", read(value), {{"reason", reason}});
  }
}

void Server::Parts::drain() {
  if (std::exchange(meetings.draining, true)) return;
  log::info("draining: nobody new comes in");
  net::co_spawn(io, stop_when_empty(), report);
}

net::awaitable<void> Server::Parts::stop_when_empty() {
  net::steady_timer pause(io);
  const Instant deadline = http::steady_now() + kDrainPatience;
  while (!is_stopping && meetings.people_served() > 0 && http::steady_now() < deadline) {
    if (clustering) co_await meetings.mover->hand_over(false);
    pause.expires_after(250ms);
    co_await pause.async_wait(kQuiet);
  }
  co_await stop();
}

net::awaitable<void> Server::Parts::watch_signals() {
  for (;;) {
    const auto [error, signal] = co_await signals.async_wait(kQuiet);
    if (error) co_return;
    if (signal != SIGHUP) break;
    if (listener.reload_tls()) log::info("certificate read again");
  }
  boost::system::error_code ignored;
  signals.clear(ignored);  // a second signal ends the process at once
  co_await stop();
}

// Ends every connection, and with it the coroutines that refer to the parts; what is left on `io`
// then are timers of clients that could still have come back.
net::awaitable<void> Server::Parts::stop() {
  if (std::exchange(is_stopping, true)) co_return;
  log::info("stopping");
  listener.close();
  if (clustering) co_await meetings.mover->hand_over(true);
  meetings.calls.tell_shutdown();
  if (clustering) co_await meetings.edge->hand_over();
  meetings.gateway.drain();
  if (clustering) co_await clustering->nodes.leave();
  connections.drain(http::steady_now() + kArrivalPatience);
  co_await wait_for_connections(http::steady_now() + kStopPatience);
  if (connections.count() > 0) {
    log::warn("connections cut", {{"count", std::to_string(connections.count())}});
    connections.cut();
    co_await wait_for_connections(http::steady_now() + 1s);
  }
  io.stop();
}

// A polling client that has no request here cannot send one any more: nothing waits for it.
net::awaitable<void> Server::Parts::wait_for_connections(Instant deadline) {
  net::steady_timer pause(io);
  while (connections.count() + meetings.gateway.web_socket_count() > 0 &&
         http::steady_now() < deadline) {
    pause.expires_after(20ms);
    co_await pause.async_wait(kQuiet);
  }
}

Server::Server(const Config& config) {
  migrate_store(config);
  for (const std::string& mistake : durability_mistakes(config)) log::warn(mistake);
  parts_ = std::make_unique<Parts>(config);
  if (config.chat_retention == std::chrono::days(0)) return;
  net::co_spawn(parts_->io, expire_chats(parts_->accounts.chat, config.chat_retention), report);
}

Server::~Server() = default;

void Server::run() {
  Parts& parts = *parts_;
  parts.listener.start(parts.sessions);
  net::co_spawn(parts.io, parts.meetings.keep_time(), report);
  net::co_spawn(parts.io, parts.meetings.watch_store(), report);
  net::co_spawn(parts.io, parts.watch_signals(), report);
  if (Clustering* clustering = parts.clustering.get()) {
    net::co_spawn(parts.io, clustering->redis.run(), report);
    net::co_spawn(parts.io, clustering->nodes.listen(), report);
    net::co_spawn(parts.io, clustering->nodes.beat(), report);
    net::co_spawn(parts.io, parts.meetings.keep_homes(), report);
    net::co_spawn(parts.io, parts.meetings.foreign->listen(), report);
  }
  log::info("listening on " + parts.url,
            {{"url", parts.url}, {"rtc_port", std::to_string(parts.media.port())}});
  parts.io.run();
  log::info("stopped");
}

}  // namespace server::app
