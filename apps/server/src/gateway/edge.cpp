#include "gateway/edge.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "gateway/moved_session.hpp"
#include "http/session.hpp"

namespace server::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
// A home that has just died is claimed anew when its life key has run out.
constexpr auto kMovePatience = cluster::Nodes::kSilence + 2s;
constexpr auto kMovePause = 250ms;
constexpr auto kHandOverPatience = 5s;
constexpr std::string_view kOnPurpose = "client namespace disconnect";

std::string text_of(const json::object& body, std::string_view name) {
  return std::string(body.at(name).as_string());
}

std::unexpected<ConnectRefused> cannot_go_on() {
  return std::unexpected(ConnectRefused{"the session cannot be taken up again", {}});
}

}  // namespace

Edge::Edge(net::io_context& io, SioGateway& sockets, RemoteSockets& remote, cluster::Nodes& nodes,
           cluster::RoomHomes& homes, cluster::StoredSessions& sessions)
    : io_(io),
      sockets_(sockets),
      remote_(remote),
      nodes_(nodes),
      homes_(homes),
      sessions_(sessions) {
  hear_homes();
  nodes_.watch({.on_gone = [this](const cluster::NodeId& node) { lose_home(node); },
                .on_cut = [this] { lose_home(std::nullopt); }});
}

Handlers Edge::handlers(Handlers inner, Residence residence) {
  inner_ = std::move(inner);
  residence_ = std::move(residence);
  return {.on_connect = inner_.on_connect,
          .on_recover =
              [this](SocketId socket, const Handshake& handshake) {
                return on_recover(std::move(socket), handshake);
              },
          .on_search = [this](std::string pid) { return on_search(std::move(pid)); },
          .on_event = [this](ClientEvent event) { return on_event(std::move(event)); },
          .on_disconnect = [this](const SocketId& socket,
                                  const Disconnect& end) { on_disconnect(socket, end); },
          .on_expired = [this](const SocketId& socket) { on_expired(socket); }};
}

void Edge::hear_homes() {
  nodes_.on("emit", [this](const cluster::NodeId&, json::object& body) {
    sockets_.emit(socket_of(body), text_of(body, "event"), body.at("payload"));
  });
  nodes_.on("acknowledge", [this](const cluster::NodeId&, json::object& body) {
    sockets_.acknowledge(socket_of(body), body.at("ack").to_number<AckId>(), body.at("payload"));
  });
  nodes_.on("broadcast", [this](const cluster::NodeId&, json::object& body) {
    std::vector<SocketId> except;
    for (const json::value& one : body.at("except").as_array()) {
      except.emplace_back(one.as_string());
    }
    sockets_.broadcast(text_of(body, "room"), text_of(body, "event"), body.at("payload"), except);
  });
  nodes_.on("broadcast-fleeting", [this](const cluster::NodeId&, json::object& body) {
    sockets_.broadcast_fleeting(text_of(body, "room"), text_of(body, "event"), body.at("payload"));
  });
  nodes_.on("join", [this](const cluster::NodeId&, json::object& body) {
    sockets_.join(socket_of(body), text_of(body, "room"));
  });
  nodes_.on("leave", [this](const cluster::NodeId&, json::object& body) {
    sockets_.leave(socket_of(body), text_of(body, "room"));
  });
  nodes_.on("disconnect", [this](const cluster::NodeId&, json::object& body) {
    sockets_.disconnect(socket_of(body));
  });
  nodes_.on("drop",
            [this](const cluster::NodeId&, json::object& body) { sockets_.drop(socket_of(body)); });
}

net::awaitable<void> Edge::on_event(ClientEvent event) {
  if (auto room = co_await residence_.room_of(event)) {
    if (!co_await move(event.socket, std::move(*room))) co_return refuse(event);
  }
  if (is_leaving_) co_return;  // as if it had come too late
  const auto found = home_of_.find(event.socket);
  if (found == home_of_.end()) co_return co_await inner_.on_event(std::move(event));
  json::object body{{"socket", event.socket}, {"event", event.name}, {"args", event.args}};
  if (event.ack) body["ack"] = *event.ack;
  const auto done = co_await nodes_.ask(found->second, "event", std::move(body));
  if (done && *done == true) co_return;
  refuse(event);
  if (done) lose(event.socket);
}

void Edge::refuse(const ClientEvent& event) {
  json::object error{{"code", "UNAVAILABLE"}, {"message", "the room's server is away; try again"}};
  if (event.ack) return sockets_.acknowledge(event.socket, *event.ack, {{"error", error}});
  error["event"] = event.name;
  sockets_.emit(event.socket, "error", error);
}

net::awaitable<bool> Edge::move(SocketId socket, std::string room_id) {
  net::steady_timer pause(io_);
  const Instant deadline = http::steady_now() + kMovePatience;
  do {
    if (co_await move_to(socket, co_await homes_.claim(room_id))) co_return true;
    pause.expires_after(kMovePause);
    co_await pause.async_wait(kQuiet);
  } while (http::steady_now() < deadline);
  co_return false;
}

net::awaitable<bool> Edge::move_to(SocketId socket, std::optional<cluster::NodeId> home) {
  const auto found = home_of_.find(socket);
  const bool is_here = found == home_of_.end();
  if (is_here ? !home : home == found->second) co_return true;
  if (is_leaving_) co_return false;
  if (is_here) {
    residence_.leave(socket);
  } else {
    nodes_.send(found->second, "gone", {{"socket", socket}, {"reason", kOnPurpose}});
    home_of_.erase(found);
  }
  if (!home) co_return true;
  home_of_[socket] = *home;
  const auto adopted = co_await nodes_.ask(
      *home, "adopt", {{"socket", socket}, {"who", residence_.describe(socket)}});
  if (adopted && *adopted == true) co_return true;
  home_of_.erase(socket);
  co_return false;
}

net::awaitable<std::expected<void, ConnectRefused>> Edge::on_recover(SocketId socket,
                                                                     const Handshake& handshake) {
  auto answer = co_await inner_.on_recover(socket, handshake);
  if (!answer) co_return answer;
  const auto found = home_of_.find(socket);
  if (found == home_of_.end()) {
    if (!remote_.is_moving(socket) || remote_.settle(socket, nodes_.self())) co_return answer;
    co_return cannot_go_on();
  }
  const auto is_same = co_await nodes_.ask(
      found->second, "returned", {{"socket", socket}, {"who", residence_.describe(socket)}});
  if (is_same && *is_same == true) co_return answer;
  co_return cannot_go_on();
}

// Those whose room lives here are known here already.
net::awaitable<std::optional<sio::SavedSession>> Edge::on_search(std::string pid) {
  const auto text = co_await sessions_.take(std::move(pid));
  auto moved = text ? moved_from_text(*text, http::steady_now()) : std::nullopt;
  if (!moved) co_return std::nullopt;
  const SocketId& socket = moved->session.socket;
  if (moved->home != nodes_.self()) {
    residence_.adopt(socket, moved->who);  // throws when it is nobody
    home_of_[socket] = moved->home;
  } else if (!remote_.is_moving(socket)) {
    co_return std::nullopt;
  }
  co_return std::move(moved->session);
}

net::awaitable<void> Edge::hand_over() {
  is_leaving_ = true;
  sockets_.stop_listening();
  std::map<cluster::NodeId, std::vector<SocketId>> sockets_of;
  for (const auto& [socket, home] : home_of_) sockets_of[home].push_back(socket);
  const Instant deadline = http::steady_now() + kHandOverPatience;
  for (const auto& [home, sockets] : sockets_of) {
    const auto waits = co_await nodes_.ask(
        home, "moving", {{"sockets", json::array(sockets.begin(), sockets.end())}});
    if (!waits) continue;
    for (const SocketId& socket : sockets) {
      auto session = sockets_.save(socket, kMovedLog);
      if (!session || http::steady_now() > deadline) continue;
      const std::string pid = session->pid;
      co_await sessions_.store(
          pid, moved_to_text({std::move(*session), residence_.describe(socket), home}));
    }
  }
}

void Edge::on_disconnect(const SocketId& socket, const Disconnect& end) {
  inner_.on_disconnect(socket, end);
  const auto found = home_of_.find(socket);
  if (found == home_of_.end()) return;
  nodes_.send(found->second, end.recoverable ? "away" : "gone",
              {{"socket", socket}, {"reason", end.reason}});
  if (!end.recoverable) home_of_.erase(found);
}

void Edge::on_expired(const SocketId& socket) {
  inner_.on_expired(socket);
  remote_.forget(socket);
  const auto found = home_of_.find(socket);
  if (found == home_of_.end()) return;
  nodes_.send(found->second, "gone", {{"socket", socket}, {"reason", "expired"}});
  home_of_.erase(found);
}

// The clients whose room was there come back as new ones, and find the room's next home.
void Edge::lose_home(std::optional<cluster::NodeId> home) {
  std::vector<SocketId> lost;
  for (const auto& [socket, node] : home_of_) {
    if (!home || node == *home) lost.push_back(socket);
  }
  for (const SocketId& socket : lost) lose(socket);
}

void Edge::lose(const SocketId& socket) {
  home_of_.erase(socket);
  residence_.home_lost(socket);
  sockets_.drop(socket);
}

}  // namespace server::gateway
