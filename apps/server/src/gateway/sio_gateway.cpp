#include "gateway/sio_gateway.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/json.hpp"
#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace server::gateway {

namespace {

using http::steady_now;

// Four times the text of the largest SDP that the contract allows: no event has to be larger.
constexpr std::size_t kEventMax = 256 * 1024;

constexpr std::string_view kSlowDown = "too many events; slow down";

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

// No event of the contract has attachments.
sio::ServerOptions as_contracted(sio::ServerOptions options, const sio::EventLog::Limits& log) {
  options.recovery = true;
  options.packets = {.attachments_max = 0, .text_max = kEventMax};
  options.log = log;
  return options;
}

}  // namespace

SioGateway::SioGateway(net::io_context& io, Random& random, GatewayOptions options)
    : io_(io),
      rate_limit_(options.rate_limit),
      sessions_max_(options.sessions_max),
      sessions_per_address_max_(options.sessions_per_address_max),
      budget_of_(std::move(options.budget_of)),
      login_of_(std::move(options.login_of)),
      server_(as_contracted(options.sio, log_limits(1)), random),
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

std::optional<http::Response> SioGateway::refuse(const http::Request& request) {
  if (is_draining_) {
    return http::error_response({503, "UNAVAILABLE", "the server is shutting down", {}, 1});
  }
  if (lines_.size() >= sessions_max_) {
    ++refusals_.sessions;
    return http::error_response({503, "UNAVAILABLE", "the server is full", {}, 10});
  }
  const auto known = lines_of_.find(request.client.network());
  const bool has_many = known != lines_of_.end() && known->second >= sessions_per_address_max_;
  if (!rate_limit_ || !has_many) return std::nullopt;
  ++refusals_.sessions_per_address;
  return http::error_response(
      {429, "RATE_LIMITED", "this address has too many connections", {}, 10});
}

void SioGateway::open_line(sio::SessionId session, const http::Request& request) {
  Line& line = lines_.try_emplace(session, steady_now()).first->second;
  line.handshake = kept(request);
  if (login_of_) line.login = login_of_(request);
  if (budget_of_) line.budget = budget_of_(request.client);
  server_.engine().charge(session, line.budget);
  ++lines_of_[request.client.network()];
}

// A guest's session has no login to be told by: its secret sid is all that there is.
bool SioGateway::is_owner(sio::SessionId session, const http::Request& request) {
  const Line* line = line_of(session);
  if (line == nullptr || line->login.empty() || login_of_(request) == line->login) return true;
  ++refusals_.foreign_session;
  return false;
}

SioGateway::Line* SioGateway::line_of(sio::SessionId session) {
  const auto found = lines_.find(session);
  return found == lines_.end() ? nullptr : &found->second;
}

EngineProtocol SioGateway::protocol() {
  return {.on_open = [this](sio::SessionId session,
                            const http::Request& request) { open_line(session, request); },
          .work_off = [this](Instant now) { work_off(now); },
          .handle_timeout = [this](Instant now) { server_.handle_timeout(now); },
          .next_timeout = [this] { return server_.next_timeout(); },
          .is_owner = [this](sio::SessionId session,
                             const http::Request& request) { return is_owner(session, request); },
          .on_input = [this](sio::SessionId session,
                             std::size_t octets) { charge_input(session, octets); },
          .is_congested =
              [this](sio::SessionId session) { return is_congested(session, steady_now()); },
          .relieved =
              [this](sio::SessionId session) {
                return wait_while(&SioGateway::is_congested, session);
              }};
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
  wake_those_who_read();
}

void SioGateway::on(Instant, sio::SessionEnded& ended) {
  const auto line = lines_.find(ended.session);
  if (line == lines_.end()) return;
  const auto count = lines_of_.find(line->second.handshake->client.network());
  if (--count->second == 0) lines_of_.erase(count);
  wake(line->second);
  lines_.erase(line);
}

void SioGateway::on(Instant now, sio::ConnectAsked& asked) {
  const auto line = lines_.find(asked.session);
  if (line == lines_.end()) return;  // gone already; the server has said so to nobody
  if (!is_listening_) return;
  if (!take_packet(now, asked.session)) {
    const json::object data{{"code", "RATE_LIMITED"}};
    return server_.refuse(asked.socket, asked.session, kSlowDown, &data);
  }
  const SocketId id = asked.socket;
  const auto [place, is_new] = peers_.try_emplace(id);
  place->second.session = asked.session;
  if (is_new) share_logs(id, line->second.handshake->client.network());
  enqueue(id, Arrival{std::move(asked), line->second.handshake});
}

void SioGateway::on(Instant now, sio::EventReceived& event) {
  const auto found = peers_.find(event.socket);
  if (found == peers_.end() || !is_listening_) return;
  const sio::SessionId session = found->second.session;
  Line* line = line_of(session);
  ClientEvent told{event.socket, std::move(event.name), std::move(event.payload.args), event.ack};
  if (rate_limit_ && line != nullptr && !line->events.take(now, told.name)) {
    ++refusals_.event_rate;
    refuse_event(*this, told, {{"code", "RATE_LIMITED"}, {"message", kSlowDown}});
    return count_refusal(now, session);
  }
  if (event.is_oversized) {
    ++refusals_.event_octets;
    refuse_event(*this, told,
                 {{"code", "VALIDATION_ERROR"}, {"message", "the event is too large"}});
    return count_refusal(now, session);
  }
  if (line != nullptr) ++line->pending;
  enqueue(event.socket, Told{std::move(told), session});
}

void SioGateway::on(Instant now, sio::StrayPacket& stray) { take_packet(now, stray.session); }

void SioGateway::on(Instant now, sio::Disconnected& disconnected) {
  const auto found = peers_.find(disconnected.socket);
  const bool by_packet = disconnected.reason == sio::reason::kClientDisconnect;
  if (by_packet && found != peers_.end()) take_packet(now, found->second.session);
  enqueue(disconnected.socket, disconnected);
}

void SioGateway::forget(const SocketId& id) {
  const auto found = peers_.find(id);
  const auto count = peers_of_.find(found->second.network);
  if (--count->second == 0) peers_of_.erase(count);
  peers_.erase(found);
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
    const auto* told = std::get_if<Told>(&item);
    if (told == nullptr) {
      if (co_await handle(id, std::move(item))) co_return forget(id);
      continue;
    }
    co_await wait_while(&SioGateway::is_behind, told->session);
    co_await handle(id, std::move(item));
    co_await net::post(io_, net::use_awaitable);  // other sockets have their turn
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
