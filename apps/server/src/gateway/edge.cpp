#include "gateway/edge.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <set>
#include <utility>

#include "gateway/moved_session.hpp"
#include "gateway/refusal.hpp"
#include "http/session.hpp"

namespace server::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
// A home that has just died is claimed anew when its life key has run out.
constexpr auto kMovePatience = cluster::Nodes::kSilence + 2s;
constexpr auto kMovePause = 250ms;
constexpr auto kHandOverPatience = 5s;
constexpr int kMovesMax = 4;  // of a room while something is said in it
constexpr std::string_view kOnPurpose = "client namespace disconnect";

std::string text_of(const json::object& body, std::string_view name) {
  return std::string(body.at(name).as_string());
}

std::unexpected<ConnectRefused> cannot_go_on() {
  return std::unexpected(ConnectRefused{"the session cannot be taken up again", {}});
}

}  // namespace

Edge::Edge(net::io_context& io, SioGateway& sockets, RemoteSockets& remote, cluster::Nodes& nodes,
           cluster::RoomHomes& homes, cluster::StoredSessions& sessions, MoveGate& gate)
    : io_(io),
      sockets_(sockets),
      remote_(remote),
      nodes_(nodes),
      homes_(homes),
      sessions_(sessions),
      gate_(gate) {
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
          .on_disconnect =
              [this](const SocketId& socket, const Disconnect& end) {
                gate_.when_open([this, socket, end] { on_disconnect(socket, end); });
              },
          .on_expired =
              [this](const SocketId& socket) {
                gate_.when_open([this, socket] { on_expired(socket); });
              }};
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
  nodes_.on("rehome",
            [this](const cluster::NodeId& from, json::object& body) { on_rehome(from, body); });
  nodes_.on("disconnect", [this](const cluster::NodeId&, json::object& body) {
    sockets_.disconnect(socket_of(body));
  });
  nodes_.on("drop",
            [this](const cluster::NodeId&, json::object& body) { sockets_.drop(socket_of(body)); });
}

net::awaitable<void> Edge::on_event(ClientEvent event) {
  const SocketId socket = event.socket;
  const auto room = co_await residence_.room_of(event);
  for (int moves = 0; moves < kMovesMax;) {
    if (room && !co_await move(socket, *room)) break;
    if (is_leaving_) co_return;  // as if it had come too late
    const auto found = home_of_.find(socket);
    if (found == home_of_.end()) {
      const auto pass = co_await gate_.pass();
      if (!pass.has_waited) co_return co_await inner_.on_event(std::move(event));
      continue;
    }
    if (auto error = residence_.refuse(event)) {
      co_return refuse_event(sockets_, event, std::move(*error));
    }
    const cluster::NodeId home = found->second.node;
    json::object body{{"socket", socket}, {"event", event.name}, {"args", event.args}};
    if (event.ack) body["ack"] = *event.ack;
    const auto done = co_await ask_home(socket, "event", std::move(body));
    if (done && *done == true) co_return;
    if (!done || !has_moved(*done)) {
      refuse(event);
      if (done) lose(socket);
      co_return;
    }
    ++moves;
    // One that stops begins no room: an empty one is nobody's then.
    if (room) co_await homes_.take_over(*room, home);
  }
  refuse(event);
}

net::awaitable<std::optional<json::value>> Edge::ask_home(SocketId socket, std::string name,
                                                          json::object body) {
  const Home asked = home_of_.at(socket);
  auto answer = co_await nodes_.ask(asked.node, std::move(name), std::move(body));
  if (!answer || !has_moved(*answer)) co_return answer;
  // Who took the room over has said so here before, unless the socket was on its way then.
  const auto is_told = [&] {
    const auto found = home_of_.find(socket);
    return found == home_of_.end() || found->second.node != asked.node;
  };
  if (is_told()) co_return answer;
  const auto home = co_await homes_.find(asked.room);
  if (is_told() || !home) co_return answer;
  home_of_[socket].node = *home;
  if (*home == nodes_.self()) home_of_.erase(socket);
  co_return answer;
}

void Edge::refuse(const ClientEvent& event) {
  refuse_event(sockets_, event,
               {{"code", "UNAVAILABLE"}, {"message", "the room's server is away; try again"}});
}

net::awaitable<bool> Edge::move(SocketId socket, std::string room_id) {
  net::steady_timer pause(io_);
  const Instant deadline = http::steady_now() + kMovePatience;
  do {
    auto home = co_await homes_.claim(room_id);
    if (co_await move_to(socket, room_id, std::move(home))) co_return true;
    pause.expires_after(kMovePause);
    co_await pause.async_wait(kQuiet);
  } while (http::steady_now() < deadline);
  co_return false;
}

net::awaitable<bool> Edge::move_to(SocketId socket, std::string room_id,
                                   std::optional<cluster::NodeId> home) {
  const auto found = home_of_.find(socket);
  const bool is_here = found == home_of_.end();
  if (is_here && !home) co_return true;
  if (!is_here && home == found->second.node) {
    found->second.room = std::move(room_id);
    co_return true;
  }
  if (is_leaving_) co_return false;
  if (is_here) {
    residence_.leave(socket);
  } else {
    nodes_.send(found->second.node, "gone", {{"socket", socket}, {"reason", kOnPurpose}});
    home_of_.erase(found);
  }
  if (!home) co_return true;
  home_of_[socket] = {*home, std::move(room_id)};
  const auto adopted = co_await nodes_.ask(
      *home, "adopt", {{"socket", socket}, {"who", residence_.describe(socket)}});
  if (adopted && *adopted == true) co_return true;
  home_of_.erase(socket);
  co_return false;
}

net::awaitable<std::expected<void, ConnectRefused>> Edge::on_recover(SocketId socket,
                                                                     const Handshake& handshake) {
  std::expected<void, ConnectRefused> answer;
  {
    const auto pass = co_await gate_.pass();
    answer = co_await inner_.on_recover(socket, handshake);
  }
  if (!answer) co_return answer;
  for (int moves = 0; moves < kMovesMax && !is_leaving_; ++moves) {
    const json::value who = residence_.describe(socket);
    if (!home_of_.contains(socket)) {
      if (moves > 0 && !co_await residence_.returned(socket, who)) break;
      if (remote_.is_moving(socket) && !remote_.settle(socket, nodes_.self())) break;
      co_return answer;
    }
    const auto is_same = co_await ask_home(socket, "returned", {{"socket", socket}, {"who", who}});
    if (is_same && *is_same == true) co_return answer;
    if (!is_same || !has_moved(*is_same)) break;
  }
  co_return cannot_go_on();
}

// Those whose room lives here are known here already.
net::awaitable<std::optional<sio::SavedSession>> Edge::on_search(std::string pid) {
  if (is_leaving_) co_return std::nullopt;  // for the next server
  const auto text = co_await sessions_.take(pid);
  auto moved = text ? moved_from_text(*text, http::steady_now()) : std::nullopt;
  if (!moved) co_return std::nullopt;
  const cluster::NodeId home = (co_await homes_.find(moved->room)).value_or(moved->home);
  if (is_leaving_) {
    co_await sessions_.store(std::move(pid), *text);
    co_return std::nullopt;
  }
  const SocketId& socket = moved->session.socket;
  if (home != nodes_.self()) {
    residence_.adopt(socket, moved->who);  // throws when it is nobody
    home_of_[socket] = {home, moved->room};
  } else if (!remote_.is_moving(socket)) {
    co_return std::nullopt;
  }
  co_return std::move(moved->session);
}

net::awaitable<void> Edge::hand_over() {
  is_leaving_ = true;
  sockets_.stop_listening();
  const Instant deadline = http::steady_now() + kHandOverPatience;
  std::set<SocketId> left;
  for (const auto& [socket, home] : home_of_) left.insert(socket);
  while (!left.empty()) {
    std::map<cluster::NodeId, json::array> sockets_of;
    for (const SocketId& socket : std::set(left)) {
      const auto found = home_of_.find(socket);
      if (found == home_of_.end()) {
        left.erase(socket);
      } else {
        sockets_of[found->second.node].emplace_back(socket);
      }
    }
    for (const auto& [home, sockets] : sockets_of) {
      const auto kept = co_await nodes_.ask(home, "moving", {{"sockets", sockets}});
      const json::array none;
      for (const json::value& one : kept && kept->is_array() ? kept->get_array() : none) {
        if (http::steady_now() > deadline) co_return;
        const SocketId socket(one.as_string());
        if (left.erase(socket) > 0) co_await save(socket);
      }
      // Of the others those are asked for again whose home has moved meanwhile.
      std::erase_if(left, [&](const SocketId& socket) {
        const auto found = home_of_.find(socket);
        return found == home_of_.end() || found->second.node == home;
      });
    }
  }
}

net::awaitable<void> Edge::save(SocketId socket) {
  const auto home = home_of_.find(socket);
  auto session = sockets_.save(socket, kMovedLog);
  if (!session || home == home_of_.end()) co_return;
  std::string pid = session->pid;
  const MovedSession moved{std::move(*session), residence_.describe(socket), home->second.node,
                           home->second.room};
  co_await sessions_.store(std::move(pid), moved_to_text(moved));
}

void Edge::follow(const SocketId& socket, const cluster::NodeId& home, const std::string& room) {
  home_of_[socket] = {home, room};
}

bool Edge::come_home(const SocketId& socket, const cluster::NodeId& home) {
  const auto found = home_of_.find(socket);
  if (found == home_of_.end() || found->second.node != home) return false;
  home_of_.erase(found);
  return true;
}

// What its last home may not have heard in time, the new one is told again.
void Edge::on_rehome(const cluster::NodeId& from, const json::object& body) {
  const cluster::NodeId last = text_of(body, "from");
  for (const json::value& one : body.at("sockets").as_array()) {
    const SocketId socket(one.as_string());
    const auto found = home_of_.find(socket);
    const bool lives_there = found != home_of_.end() && found->second.node == last;
    if (lives_there) found->second.node = from;
    const bool is_away = lives_there && residence_.away_since(socket);
    const bool is_gone = found == home_of_.end() || found->second.node != from;
    if (is_away || is_gone) {
      nodes_.send(from, is_gone ? "gone" : "away",
                  {{"socket", socket}, {"reason", sio::reason::kTransportClose}});
    }
  }
}

void Edge::on_disconnect(const SocketId& socket, const Disconnect& end) {
  inner_.on_disconnect(socket, end);
  const auto found = home_of_.find(socket);
  if (found == home_of_.end()) return;
  nodes_.send(found->second.node, end.recoverable ? "away" : "gone",
              {{"socket", socket}, {"reason", end.reason}});
  if (!end.recoverable) home_of_.erase(found);
}

void Edge::on_expired(const SocketId& socket) {
  inner_.on_expired(socket);
  remote_.forget(socket);
  const auto found = home_of_.find(socket);
  if (found == home_of_.end()) return;
  nodes_.send(found->second.node, "gone", {{"socket", socket}, {"reason", "expired"}});
  home_of_.erase(found);
}

// The clients whose room was there come back as new ones, and find the room's next home.
void Edge::lose_home(std::optional<cluster::NodeId> home) {
  std::vector<SocketId> lost;
  for (const auto& [socket, lives] : home_of_) {
    if (!home || lives.node == *home) lost.push_back(socket);
  }
  for (const SocketId& socket : lost) lose(socket);
}

void Edge::lose(const SocketId& socket) {
  home_of_.erase(socket);
  residence_.home_lost(socket);
  sockets_.drop(socket);
}

}  // namespace server::gateway
