#include "gateway/remote_sockets.hpp"

#include <set>
#include <utility>
#include <vector>

#include "telemetry/log.hpp"

namespace server::gateway {

RemoteSockets::RemoteSockets(Gateway& local, cluster::Nodes& nodes) : local_(local), nodes_(nodes) {
  hear_edges();
  nodes_.watch({.on_gone = [this](const cluster::NodeId& node) { lose(node); },
                .on_cut = [this] { lose(std::nullopt); }});
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
                  edge_of_[socket] = std::move(from);
                  co_return true;
                });
  nodes_.answer("event", [this](cluster::NodeId from, json::object body) {
    return on_event(std::move(from), std::move(body));
  });
  nodes_.answer("returned",
                [this](cluster::NodeId from, json::object body) -> net::awaitable<json::value> {
                  const SocketId socket = socket_of(body);
                  if (!lives_here(socket, from)) co_return false;
                  co_return co_await residence_.returned(socket, std::move(body.at("who")));
                });
  nodes_.on("away", [this](const cluster::NodeId&, json::object& body) {
    inner_.on_disconnect(socket_of(body), {body.at("reason").as_string(), true});
  });
  nodes_.on("gone", [this](const cluster::NodeId&, json::object& body) {
    end(socket_of(body), body.at("reason").as_string());
  });
}

// As with a socket of this server, an exception is a bug of ours: this client alone pays for it.
net::awaitable<json::value> RemoteSockets::on_event(cluster::NodeId from, json::object body) {
  const SocketId socket = socket_of(body);
  if (!lives_here(socket, from)) co_return false;
  const std::string name(body.at("event").as_string());
  ClientEvent event{socket, name, std::move(body.at("args").as_array()), {}};
  if (const json::value* ack = body.if_contains("ack")) event.ack = ack->to_number<AckId>();
  try {
    co_await inner_.on_event(std::move(event));
  } catch (const std::exception& error) {
    log::error("an event's handler failed", {{"event", name}, {"error", error.what()}});
    disconnect(socket);
  }
  co_return true;
}

bool RemoteSockets::lives_here(const SocketId& socket, const cluster::NodeId& edge) const {
  const auto found = edge_of_.find(socket);
  return found != edge_of_.end() && found->second == edge;
}

void RemoteSockets::end(const SocketId& socket, std::string_view reason) {
  if (!edge_of_.contains(socket)) return;
  inner_.on_disconnect(socket, {reason, false});
  edge_of_.erase(socket);
}

void RemoteSockets::lose(std::optional<cluster::NodeId> edge) {
  std::vector<SocketId> lost;
  for (const auto& [socket, node] : edge_of_) {
    if (!edge || node == *edge) lost.push_back(socket);
  }
  for (const SocketId& socket : lost) end(socket, "transport close");
}

void RemoteSockets::emit(const SocketId& to, std::string_view event, const json::value& payload) {
  const auto found = edge_of_.find(to);
  if (found == edge_of_.end()) return local_.emit(to, event, payload);
  nodes_.send(found->second, "emit", {{"socket", to}, {"event", event}, {"payload", payload}});
}

void RemoteSockets::acknowledge(const SocketId& to, AckId ack, const json::value& payload) {
  const auto found = edge_of_.find(to);
  if (found == edge_of_.end()) return local_.acknowledge(to, ack, payload);
  nodes_.send(found->second, "acknowledge", {{"socket", to}, {"ack", ack}, {"payload", payload}});
}

void RemoteSockets::tell_edges(std::string_view room, std::string_view name,
                               const json::object& body) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  std::set<cluster::NodeId> told;
  for (const auto& [socket, edge] : found->second) {
    if (told.insert(edge).second) nodes_.send(edge, name, body);
  }
}

void RemoteSockets::broadcast(std::string_view room, std::string_view event,
                              const json::value& payload, std::span<const SocketId> except) {
  local_.broadcast(room, event, payload, except);
  if (!rooms_.contains(room)) return;
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
  const auto found = edge_of_.find(socket);
  if (found == edge_of_.end()) return local_.join(socket, room);
  rooms_[std::string(room)].emplace(socket, found->second);
  nodes_.send(found->second, "join", {{"socket", socket}, {"room", room}});
}

void RemoteSockets::leave(const SocketId& socket, std::string_view room) {
  const auto found = edge_of_.find(socket);
  if (found == edge_of_.end()) return local_.leave(socket, room);
  const auto members = rooms_.find(room);
  if (members != rooms_.end()) {
    members->second.erase(socket);
    if (members->second.empty()) rooms_.erase(members);
  }
  nodes_.send(found->second, "leave", {{"socket", socket}, {"room", room}});
}

void RemoteSockets::drop(const SocketId& socket) {
  const auto found = edge_of_.find(socket);
  if (found == edge_of_.end()) return local_.drop(socket);
  nodes_.send(found->second, "drop", {{"socket", socket}});
}

void RemoteSockets::disconnect(const SocketId& socket) {
  const auto found = edge_of_.find(socket);
  if (found == edge_of_.end()) return local_.disconnect(socket);
  nodes_.send(found->second, "disconnect", {{"socket", socket}});
}

}  // namespace server::gateway
