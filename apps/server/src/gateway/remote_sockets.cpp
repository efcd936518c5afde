#include "gateway/remote_sockets.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace server::gateway {

RemoteSockets::RemoteSockets(Gateway& local, cluster::Nodes& nodes, MoveGate& gate)
    : local_(local), nodes_(nodes), gate_(gate) {
  hear_edges();
  nodes_.watch(
      {.on_gone =
           [this](const cluster::NodeId& node) { gate_.when_open([this, node] { lose(node); }); },
       .on_cut = [this] { gate_.when_open([this] { lose(std::nullopt); }); }});
}

void RemoteSockets::set_handlers(Handlers inner, Residence residence) {
  inner_ = std::move(inner);
  residence_ = std::move(residence);
}

void RemoteSockets::hear_edges() {
  nodes_.answer("adopt",
                [this](cluster::NodeId from, json::object body) -> net::awaitable<json::value> {
                  const SocketId socket = socket_of(body);
                  residence_.adopt(socket, body.at("who"));  // throws when it is nobody
                  remotes_[socket].edge = std::move(from);
                  co_return true;
                });
  nodes_.answer("event", [this](cluster::NodeId from, json::object body) {
    return on_event(std::move(from), std::move(body));
  });
  nodes_.answer("returned", [this](cluster::NodeId from, json::object body) {
    return on_returned(std::move(from), std::move(body));
  });
  nodes_.answer("moving", [this](cluster::NodeId from, json::object body) {
    return on_moving(std::move(from), std::move(body));
  });
  nodes_.on("away", [this](const cluster::NodeId& from, json::object& body) {
    gate_.when_open([this, from, body] {
      const SocketId socket = socket_of(body);
      if (!lives_here(socket, from)) return;
      inner_.on_disconnect(socket, {body.at("reason").as_string(), true});
    });
  });
  nodes_.on("gone", [this](const cluster::NodeId& from, json::object& body) {
    gate_.when_open([this, from, body] {
      const SocketId socket = socket_of(body);
      if (is_moving(socket) || lives_here(socket, from)) end(socket, body.at("reason").as_string());
    });
  });
}

// As with a socket of this server, an exception is a bug of ours: this client alone pays for it.
net::awaitable<json::value> RemoteSockets::on_event(cluster::NodeId from, json::object body) {
  const SocketId socket = socket_of(body);
  const auto pass = co_await gate_.pass();
  if (!lives_here(socket, from)) co_return not_here();
  const std::string name(body.at("event").as_string());
  ClientEvent event{socket, name, std::move(body.at("args").as_array()), {}};
  if (const json::value* ack = body.if_contains("ack")) event.ack = ack->to_number<AckId>();
  if (is_leaving_ && co_await is_gone(event)) co_return kMoved;
  try {
    co_await inner_.on_event(std::move(event));
  } catch (const std::exception& error) {
    log::error("an event's handler failed", {{"event", name}, {"error", error.what()}});
    disconnect(socket);
  }
  co_return true;
}

json::value RemoteSockets::not_here() const {
  return is_leaving_ ? json::value(kMoved) : json::value(false);
}

// Whether it wants into a room that has left, or that would only begin here.
net::awaitable<bool> RemoteSockets::is_gone(const ClientEvent& event) {
  const auto room = co_await residence_.room_of(event);
  co_return room && !residence_.has_room(*room);
}

// That server stops. What it was told before this answer, its sockets have got or can still get.
net::awaitable<json::value> RemoteSockets::on_moving(cluster::NodeId from, json::object body) {
  const auto pass = co_await gate_.pass();
  const Instant now = http::steady_now();
  json::array kept;
  for (json::value& one : body.at("sockets").as_array()) {
    const SocketId socket(one.as_string());
    if (lives_here(socket, from)) {
      backlogs_.emplace(socket, Backlog(residence_.away_since(socket).value_or(now)));
      inner_.on_disconnect(socket, {sio::reason::kShutDown, true});
    }
    if (is_moving(socket)) kept.push_back(std::move(one));
  }
  co_return kept;
}

net::awaitable<json::value> RemoteSockets::on_returned(cluster::NodeId from, json::object body) {
  const SocketId socket = socket_of(body);
  const auto pass = co_await gate_.pass();
  const bool moves = is_moving(socket);
  if (!moves && !lives_here(socket, from)) co_return not_here();
  if (!co_await residence_.returned(socket, std::move(body.at("who")))) co_return false;
  co_return !moves || (nodes_.knows(from) && settle(socket, from));
}

bool RemoteSockets::settle(const SocketId& socket, const cluster::NodeId& node) {
  const auto found = backlogs_.find(socket);
  if (found == backlogs_.end() || found->second.is_over(http::steady_now())) return false;
  const auto rooms = remotes_.at(socket).rooms;
  for (const std::string& room : rooms) leave(socket, room);
  const Backlog missed = std::move(found->second);
  backlogs_.erase(found);
  if (node == nodes_.self()) {
    remotes_.erase(socket);
  } else {
    remotes_.at(socket).edge = node;
  }
  for (const Backlog::EventRef& event : missed.events()) emit(socket, event->name, event->payload);
  for (const std::string& room : rooms) join(socket, room);
  return true;
}

void RemoteSockets::tick(Instant now) {
  std::vector<SocketId> overdue;
  for (const auto& [socket, backlog] : backlogs_) {
    if (backlog.is_over(now)) overdue.push_back(socket);
  }
  for (const SocketId& socket : overdue) end(socket, "transport close");
}

void RemoteSockets::forget(const SocketId& socket) {
  if (is_moving(socket)) end(socket, "transport close");
}

std::optional<RemotePlace> RemoteSockets::locate(const SocketId& socket) const {
  const auto found = remotes_.find(socket);
  if (found == remotes_.end()) return std::nullopt;
  RemotePlace place{found->second.edge, {}};
  const auto backlog = backlogs_.find(socket);
  if (backlog != backlogs_.end()) place.missed = backlog->second;
  return place;
}

void RemoteSockets::take_in(const SocketId& socket, RemotePlace place) {
  const bool is_new = remotes_.try_emplace(socket, Remote{std::move(place.edge), {}}).second;
  if (is_new && place.missed) backlogs_.emplace(socket, std::move(*place.missed));
}

bool RemoteSockets::let_go(const SocketId& socket) {
  const auto found = remotes_.find(socket);
  if (found == remotes_.end()) return false;
  for (const std::string& room : found->second.rooms) leave_room(socket, room);
  remotes_.erase(found);
  backlogs_.erase(socket);
  inner_.on_disconnect(socket, {kMoved, false});
  return true;
}

bool RemoteSockets::lives_here(const SocketId& socket, const cluster::NodeId& edge) const {
  const auto found = remotes_.find(socket);
  return found != remotes_.end() && found->second.edge == edge && !is_moving(socket);
}

void RemoteSockets::end(const SocketId& socket, std::string_view reason) {
  const auto found = remotes_.find(socket);
  if (found == remotes_.end()) return;
  inner_.on_disconnect(socket, {reason, false});
  for (const std::string& room : std::set(found->second.rooms)) leave(socket, room);
  remotes_.erase(found);
  backlogs_.erase(socket);
}

void RemoteSockets::lose(std::optional<cluster::NodeId> edge) {
  std::vector<SocketId> lost;
  for (const auto& [socket, remote] : remotes_) {
    if (!edge || lives_here(socket, *edge)) lost.push_back(socket);
  }
  for (const SocketId& socket : lost) end(socket, "transport close");
}

void RemoteSockets::emit(const SocketId& to, std::string_view event, const json::value& payload) {
  const auto found = remotes_.find(to);
  if (found == remotes_.end()) return local_.emit(to, event, payload);
  const auto backlog = backlogs_.find(to);
  if (backlog != backlogs_.end()) return backlog->second.add(Backlog::event(event, payload));
  nodes_.send(found->second.edge, "emit", {{"socket", to}, {"event", event}, {"payload", payload}});
}

void RemoteSockets::acknowledge(const SocketId& to, AckId ack, const json::value& payload) {
  const auto found = remotes_.find(to);
  if (found == remotes_.end()) return local_.acknowledge(to, ack, payload);
  if (is_moving(to)) return;  // as with a lost connection
  nodes_.send(found->second.edge, "acknowledge",
              {{"socket", to}, {"ack", ack}, {"payload", payload}});
}

void RemoteSockets::tell_edges(std::string_view room, std::string_view name,
                               const json::object& body) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  std::set<cluster::NodeId> told;
  for (const SocketId& socket : found->second) {
    const cluster::NodeId& edge = remotes_.at(socket).edge;
    if (!is_moving(socket) && told.insert(edge).second) nodes_.send(edge, name, body);
  }
}

void RemoteSockets::keep_for_moving(std::string_view room, std::string_view event,
                                    const json::value& payload, std::span<const SocketId> except) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || backlogs_.empty()) return;
  Backlog::EventRef missed;
  for (const SocketId& socket : found->second) {
    const auto backlog = backlogs_.find(socket);
    const bool is_meant = std::ranges::find(except, socket) == except.end();
    if (backlog == backlogs_.end() || !is_meant) continue;
    if (missed == nullptr) missed = Backlog::event(event, payload);
    backlog->second.add(missed);
  }
}

void RemoteSockets::broadcast(std::string_view room, std::string_view event,
                              const json::value& payload, std::span<const SocketId> except) {
  local_.broadcast(room, event, payload, except);
  if (!rooms_.contains(room)) return;
  keep_for_moving(room, event, payload, except);
  tell_edges(room, "broadcast",
             {{"room", room},
              {"event", event},
              {"payload", payload},
              {"except", json::array(except.begin(), except.end())}});
}

void RemoteSockets::broadcast_fleeting(std::string_view room, std::string_view event,
                                       const json::value& payload) {
  local_.broadcast_fleeting(room, event, payload);
  if (!rooms_.contains(room)) return;
  tell_edges(room, "broadcast-fleeting", {{"room", room}, {"event", event}, {"payload", payload}});
}

void RemoteSockets::join(const SocketId& socket, std::string_view room) {
  const auto found = remotes_.find(socket);
  if (found == remotes_.end()) return local_.join(socket, room);
  rooms_[std::string(room)].insert(socket);
  found->second.rooms.emplace(room);
  if (is_moving(socket)) return;  // settle() does it
  nodes_.send(found->second.edge, "join", {{"socket", socket}, {"room", room}});
}

void RemoteSockets::leave(const SocketId& socket, std::string_view room) {
  const auto found = remotes_.find(socket);
  if (found == remotes_.end()) return local_.leave(socket, room);
  leave_room(socket, room);
  found->second.rooms.erase(std::string(room));
  if (is_moving(socket)) return;
  nodes_.send(found->second.edge, "leave", {{"socket", socket}, {"room", room}});
}

void RemoteSockets::leave_room(const SocketId& socket, std::string_view room) {
  const auto members = rooms_.find(room);
  if (members == rooms_.end()) return;
  members->second.erase(socket);
  if (members->second.empty()) rooms_.erase(members);
}

void RemoteSockets::drop(const SocketId& socket) {
  const auto found = remotes_.find(socket);
  if (found == remotes_.end()) return local_.drop(socket);
  if (!end_move(socket)) nodes_.send(found->second.edge, "drop", {{"socket", socket}});
}

void RemoteSockets::disconnect(const SocketId& socket) {
  const auto found = remotes_.find(socket);
  if (found == remotes_.end()) return local_.disconnect(socket);
  if (!end_move(socket)) nodes_.send(found->second.edge, "disconnect", {{"socket", socket}});
}

// It does not arrive; tick() ends it, since who asks for this is still at work on the socket.
bool RemoteSockets::end_move(const SocketId& socket) {
  const auto backlog = backlogs_.find(socket);
  if (backlog == backlogs_.end()) return false;
  backlog->second.end();
  return true;
}

}  // namespace server::gateway
