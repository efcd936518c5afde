// The slices' door where there are several servers: sockets of this one, and those of others that
// live in rooms here.
#pragma once

#include <map>
#include <set>
#include <unordered_map>

#include "cluster/nodes.hpp"
#include "gateway/gateway.hpp"
#include "gateway/move_gate.hpp"
#include "gateway/remote_place.hpp"
#include "gateway/residence.hpp"

namespace server::gateway {

// Control thread only. All it is built on outlives it.
class RemoteSockets final : public Gateway {
 public:
  RemoteSockets(Gateway& local, cluster::Nodes& nodes, MoveGate& gate);

  // For the sockets of other servers; once, before the first.
  void set_handlers(Handlers inner, Residence residence);

  // Sockets of other servers that live here.
  std::size_t count() const { return remotes_.size(); }

  // Those whose server stopped, and that came to no other in time, are gone for good.
  void tick(Instant now);
  // On its way from a server that stopped.
  bool is_moving(const SocketId& socket) const { return backlogs_.contains(socket); }
  // One on its way goes on at this `node`, or here when that is this server, with what it missed
  // meanwhile. False: it cannot.
  bool settle(const SocketId& socket, const cluster::NodeId& node);
  // One on its way will not arrive.
  void forget(const SocketId& socket);

  // This server is about to stop: from now on no room begins to live here for others, and who asks
  // for a socket that has left is told so.
  void stop_opening() { is_leaving_ = true; }
  // nullopt: it is not of another server.
  std::optional<RemotePlace> locate(const SocketId& socket) const;
  // One that lives here from now on; its room joins it to itself.
  void take_in(const SocketId& socket, RemotePlace place);
  // Its room lives elsewhere now, and it with it. False: it is not of another server.
  bool let_go(const SocketId& socket);

  void emit(const SocketId& to, std::string_view event, const json::value& payload) override;
  void acknowledge(const SocketId& to, AckId ack, const json::value& payload) override;
  void broadcast(std::string_view room, std::string_view event, const json::value& payload,
                 std::span<const SocketId> except = {}) override;
  void broadcast_fleeting(std::string_view room, std::string_view event,
                          const json::value& payload) override;
  void join(const SocketId& socket, std::string_view room) override;
  void leave(const SocketId& socket, std::string_view room) override;
  void disconnect(const SocketId& socket) override;
  void drop(const SocketId& socket) override;

 private:
  struct Remote {
    cluster::NodeId edge;  // the one it left, while it moves
    std::set<std::string, std::less<>> rooms;
  };

  void hear_edges();
  // false: the socket does not live here (any more); kMoved: nor does its room.
  net::awaitable<json::value> on_event(cluster::NodeId from, json::object body);
  // Those that are kept for the way.
  net::awaitable<json::value> on_moving(cluster::NodeId from, json::object body);
  net::awaitable<json::value> on_returned(cluster::NodeId from, json::object body);
  bool lives_here(const SocketId& socket, const cluster::NodeId& edge) const;
  void end(const SocketId& socket, std::string_view reason);
  // What is answered about a socket that does not.
  json::value not_here() const;
  net::awaitable<bool> is_gone(const ClientEvent& event);
  void lose(std::optional<cluster::NodeId> edge);
  // To every server that has sockets in the room, once.
  void tell_edges(std::string_view room, std::string_view name, const json::object& body);
  // For those of the room that are on their way.
  void keep_for_moving(std::string_view room, std::string_view event, const json::value& payload,
                       std::span<const SocketId> except);
  void leave_room(const SocketId& socket, std::string_view room);
  // False: the socket is not on its way.
  bool end_move(const SocketId& socket);

  Gateway& local_;
  cluster::Nodes& nodes_;
  MoveGate& gate_;
  bool is_leaving_ = false;
  Handlers inner_;
  Residence residence_;
  std::unordered_map<SocketId, Remote> remotes_;
  std::unordered_map<SocketId, Backlog> backlogs_;                // of those on their way
  std::map<std::string, std::set<SocketId>, std::less<>> rooms_;  // sockets of other servers alone
};

}  // namespace server::gateway
