#include "gateway/sio_gateway.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/json.hpp"
#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace server::gateway {

namespace {

using http::steady_now;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);

// A session with more events waiting is not read any further until half of them are done.
constexpr std::size_t kPendingMax = 64;

sio::Payload payload_of(const json::value& value) { return {json::array{value}, {}}; }

// What the slices may want of a handshake later; the rest would only take room.
std::shared_ptr<const http::Request> kept(const http::Request& request) {
  auto copy = std::make_shared<http::Request>();
  copy->path = request.path;
  copy->id = request.id;
  copy->client = request.client;
  copy->secure = request.secure;
  for (const std::string_view name : {"Cookie", "User-Agent", "Origin"}) {
    const std::string_view value = request.header(name);
    if (!value.empty()) copy->headers.emplace_back(name, value);
  }
  return copy;
}

sio::ServerOptions with_recovery(sio::ServerOptions options) {
  options.recovery = true;
  return options;
}

}  // namespace

SioGateway::SioGateway(net::io_context& io, Random& random, GatewayOptions options)
    : io_(io),
      rate_limit_(options.rate_limit),
      sessions_max_(options.sessions_max),
      sessions_per_address_max_(options.sessions_per_address_max),
      server_(with_recovery(options.sio), random),
      shell_(io, server_.engine(), protocol(), guarded(std::move(options.door))) {
  server_.add_namespace("/");
}

SioGateway::~SioGateway() = default;

EngineDoor SioGateway::guarded(EngineDoor door) {
  door.refuse = [this, further = std::move(door.refuse)](
                    const http::Request& request) -> net::awaitable<std::optional<http::Response>> {
    auto refused = refuse(request);
    if (!refused && further) refused = co_await further(request);
    co_return refused;
  };
  return door;
}

std::optional<http::Response> SioGateway::refuse(const http::Request& request) const {
  if (is_draining_) {
    return http::error_response({503, "UNAVAILABLE", "the server is shutting down", {}, 1});
  }
  if (lines_.size() >= sessions_max_) {
    return http::error_response({503, "UNAVAILABLE", "the server is full", {}, 10});
  }
  const auto known = lines_of_.find(request.client);
  const bool has_many = known != lines_of_.end() && known->second >= sessions_per_address_max_;
  if (!rate_limit_ || !has_many) return std::nullopt;
  return http::error_response(
      {429, "RATE_LIMITED", "this address has too many connections", {}, 10});
}

void SioGateway::open_line(sio::SessionId session, const http::Request& request) {
  lines_[session].handshake = kept(request);
  ++lines_of_[request.client];
}

EngineProtocol SioGateway::protocol() {
  return {.on_open = [this](sio::SessionId session,
                            const http::Request& request) { open_line(session, request); },
          .work_off = [this](Instant now) { work_off(now); },
          .handle_timeout = [this](Instant now) { server_.handle_timeout(now); },
          .next_timeout = [this] { return server_.next_timeout(); },
          .is_congested = [this](sio::SessionId session) { return is_congested(session); },
          .relieved = [this](sio::SessionId session) { return relieved(session); }};
}

void SioGateway::drain() {
  is_draining_ = true;
  server_.shut_down(steady_now());
  shell_.settle_soon();
}

void SioGateway::work_off(Instant now) {
  while (auto event = server_.poll_event(now)) {
    std::visit([&](auto& one) { on(now, one); }, *event);
  }
}

void SioGateway::on(Instant, sio::SessionEnded& ended) {
  const auto line = lines_.find(ended.session);
  if (line == lines_.end()) return;
  const auto count = lines_of_.find(line->second.handshake->client);
  if (--count->second == 0) lines_of_.erase(count);
  lines_.erase(line);
}

void SioGateway::on(Instant now, sio::ConnectAsked& asked) {
  const auto line = lines_.find(asked.session);
  if (line == lines_.end()) return;  // gone already; the server has said so to nobody
  if (!is_listening_) return;
  Peer& peer = peers_.try_emplace(asked.socket, now).first->second;
  peer.session = asked.session;
  const SocketId id = asked.socket;
  enqueue(id, Arrival{std::move(asked), line->second.handshake});
}

void SioGateway::on(Instant now, sio::EventReceived& event) {
  const auto found = peers_.find(event.socket);
  if (found == peers_.end() || !is_listening_) return;
  if (rate_limit_ && !found->second.rate.take(now, event.name)) {
    return refuse_event(event.socket, event);
  }
  const auto line = lines_.find(found->second.session);
  if (line != lines_.end()) ++line->second.pending;
  ClientEvent told{event.socket, std::move(event.name), std::move(event.payload.args), event.ack};
  enqueue(event.socket, Told{std::move(told), found->second.session});
}

void SioGateway::on(Instant, sio::Disconnected& disconnected) {
  enqueue(disconnected.socket, disconnected);
}

void SioGateway::on(Instant, sio::AwayExpired& expired) { enqueue(expired.socket, expired); }

void SioGateway::on(Instant, sio::SearchAsked& asked) {
  net::co_spawn(io_, search(std::move(asked)), [](std::exception_ptr failure) {
    if (failure) log::error("the search for a session failed");
  });
}

net::awaitable<void> SioGateway::search(sio::SearchAsked asked) {
  auto found = co_await handlers_.on_search(asked.pid);
  const SocketId id = found ? found->socket : SocketId{};
  const bool is_taken_up = server_.end_search(steady_now(), asked, std::move(found));
  if (!id.empty() && !is_taken_up) handlers_.on_expired(id);
  shell_.settle_soon();
}

std::optional<sio::SavedSession> SioGateway::save(const SocketId& socket,
                                                  const sio::EventLog::Limits& limits) {
  return server_.save(steady_now(), socket, limits);
}

const sio::RedisAdapter& SioGateway::meet(Meeting meeting) {
  publish_ = std::move(meeting.publish);
  return adapter_.emplace(server_, "/", std::move(meeting.uid), std::move(meeting.describe));
}

std::expected<void, sio::AdapterError> SioGateway::hear(std::string_view channel,
                                                        std::string_view message) {
  const auto done = adapter_->receive(steady_now(), channel, message);
  publish_answers();
  shell_.settle_soon();
  return done;
}

void SioGateway::publish_answers() {
  while (auto answer = adapter_->poll_publication()) publish_(std::move(*answer));
}

// The slices ask for none: without the adapter there are none.
void SioGateway::on(Instant, sio::AckReceived& ack) {
  adapter_->on(ack);
  publish_answers();
}

void SioGateway::on(Instant, sio::AckMissed& ack) { adapter_->on(ack); }

void SioGateway::refuse_event(const SocketId& id, const sio::EventReceived& event) {
  json::object error{{"code", "RATE_LIMITED"}, {"message", "too many events; slow down"}};
  if (event.ack) return acknowledge(id, *event.ack, {{"error", std::move(error)}});
  error["event"] = event.name;
  emit(id, "error", std::move(error));
}

void SioGateway::enqueue(const SocketId& id, Item item) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  found->second.queue.push_back(std::move(item));
  if (std::exchange(found->second.is_worked_on, true)) return;
  net::co_spawn(io_, work_off_queue(id), [](std::exception_ptr failure) {
    if (failure) log::error("a socket's queue failed");
  });
}

net::awaitable<void> SioGateway::work_off_queue(SocketId id) {
  for (;;) {
    const auto found = peers_.find(id);
    if (found->second.queue.empty()) {
      found->second.is_worked_on = false;
      co_return;
    }
    Item item = std::move(found->second.queue.front());
    found->second.queue.pop_front();
    const bool is_over = co_await handle(id, std::move(item));
    if (!is_over) continue;
    peers_.erase(id);
    co_return;
  }
}

net::awaitable<bool> SioGateway::handle(SocketId id, Item item) {
  if (auto* arrival = std::get_if<Arrival>(&item)) {
    if (!is_listening_) co_return false;
    co_return co_await admit(std::move(id), std::move(*arrival));
  }
  if (auto* told = std::get_if<Told>(&item)) {
    if (is_listening_) co_await handle_event(std::move(told->event));
    done_with_event(told->session);
    co_return false;
  }
  if (const auto* gone = std::get_if<sio::Disconnected>(&item)) {
    handlers_.on_disconnect(id, {gone->reason, gone->is_recoverable});
    co_return !gone->is_recoverable;
  }
  handlers_.on_expired(id);
  co_return true;
}

// An exception is a bug of ours: this client alone pays for it and starts anew.
net::awaitable<void> SioGateway::handle_event(ClientEvent event) {
  const SocketId id = event.socket;
  const std::string name = event.name;
  try {
    co_await handlers_.on_event(std::move(event));
  } catch (const std::exception& error) {
    log::error("an event's handler failed", {{"event", name}, {"error", error.what()}});
    disconnect(id);
  }
}

net::awaitable<bool> SioGateway::admit(SocketId id, Arrival arrival) {
  const Handshake handshake{*arrival.handshake, std::move(arrival.asked.auth)};
  const bool is_recovery = arrival.asked.is_recovery;
  const auto& ask = is_recovery ? handlers_.on_recover : handlers_.on_connect;
  std::expected<void, ConnectRefused> answer;
  try {
    answer = co_await ask(id, handshake);
  } catch (const std::exception& error) {
    log::error("a connection's handler failed", {{"error", error.what()}});
    answer = std::unexpected(ConnectRefused{"something went wrong here", {}});
  }
  shell_.settle_soon();
  if (!is_listening_) co_return false;
  if (!answer) {
    server_.refuse(id, arrival.asked.session, answer.error().message, &answer.error().data);
    co_return !is_recovery;  // a refused recovery ends with AwayExpired
  }
  if (server_.accept(steady_now(), id, arrival.asked.session)) co_return false;
  handlers_.on_disconnect(id, {sio::reason::kTransportClose, is_recovery});
  co_return !is_recovery;
}

void SioGateway::done_with_event(sio::SessionId session) {
  const auto line = lines_.find(session);
  if (line == lines_.end() || line->second.pending == 0) return;
  const bool is_relieved = --line->second.pending <= kPendingMax / 2;
  if (is_relieved) line->second.relief.reset();  // wakes who waits
}

bool SioGateway::is_congested(sio::SessionId session) const {
  const auto line = lines_.find(session);
  return line != lines_.end() && line->second.pending >= kPendingMax;
}

net::awaitable<void> SioGateway::relieved(sio::SessionId session) {
  const auto line = lines_.find(session);
  if (line == lines_.end()) co_return;
  auto& relief = line->second.relief;
  if (relief == nullptr) {
    relief = std::make_unique<net::steady_timer>(io_, net::steady_timer::time_point::max());
  }
  co_await relief->async_wait(kQuiet);
}

void SioGateway::emit(const SocketId& to, std::string_view event, const json::value& payload) {
  server_.emit(steady_now(), to, event, payload_of(payload));
  shell_.settle_soon();
}

void SioGateway::acknowledge(const SocketId& to, AckId ack, const json::value& payload) {
  server_.acknowledge(to, ack, payload_of(payload));
  shell_.settle_soon();
}

void SioGateway::broadcast(std::string_view room, std::string_view event,
                           const json::value& payload, std::span<const SocketId> except) {
  const std::array rooms{room};
  server_.broadcast(steady_now(), {.rooms = rooms, .except = except}, event, payload_of(payload));
  shell_.settle_soon();
}

void SioGateway::broadcast_fleeting(std::string_view room, std::string_view event,
                                    const json::value& payload) {
  const std::array rooms{room};
  server_.broadcast_fleeting({.rooms = rooms, .except = {}}, event, payload_of(payload));
  shell_.settle_soon();
}

void SioGateway::join(const SocketId& socket, std::string_view room) { server_.join(socket, room); }

void SioGateway::leave(const SocketId& socket, std::string_view room) {
  server_.leave(socket, room);
}

void SioGateway::disconnect(const SocketId& socket) {
  server_.disconnect(steady_now(), socket, true);
  shell_.settle_soon();
}

void SioGateway::drop(const SocketId& socket) {
  server_.drop(steady_now(), socket);
  shell_.settle_soon();
}

}  // namespace server::gateway
