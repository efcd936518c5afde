// Sockets of this server whose room lives at another one, its home: what they say goes there, and
// what the home says to them comes from here.
#pragma once

#include <optional>
#include <unordered_map>

#include "cluster/nodes.hpp"
#include "cluster/room_homes.hpp"
#include "cluster/stored_sessions.hpp"
#include "gateway/gateway.hpp"
#include "gateway/move_gate.hpp"
#include "gateway/remote_sockets.hpp"
#include "gateway/residence.hpp"
#include "gateway/sio_gateway.hpp"

namespace server::gateway {

// Control thread only. All it is built on outlives it.
class Edge {
 public:
  Edge(net::io_context& io, SioGateway& sockets, RemoteSockets& remote, cluster::Nodes& nodes,
       cluster::RoomHomes& homes, cluster::StoredSessions& sessions, MoveGate& gate);

  // For the sockets: they go by `inner`, the slices here, unless another server is their home.
  Handlers handlers(Handlers inner, Residence residence);

  // This server is about to stop: those who live at others may go on at any other.
  net::awaitable<void> hand_over();

  // The room's home has moved: to another server, …
  void follow(const SocketId& socket, const cluster::NodeId& home, const std::string& room);
  // … or to this one. False: the socket does not live at `home`.
  bool come_home(const SocketId& socket, const cluster::NodeId& home);

  // Sockets that live at other servers.
  std::size_t count() const { return home_of_.size(); }

 private:
  // Where a socket lives, and for which room.
  struct Home {
    cluster::NodeId node;
    std::string room;
  };

  void hear_homes();
  void on_rehome(const cluster::NodeId& from, const json::object& body);
  net::awaitable<void> on_event(ClientEvent event);
  net::awaitable<std::expected<void, ConnectRefused>> on_recover(SocketId socket,
                                                                 const Handshake& handshake);
  net::awaitable<std::optional<sio::SavedSession>> on_search(std::string pid);
  void on_disconnect(const SocketId& socket, const Disconnect& end);
  void on_expired(const SocketId& socket);

  // To where the room lives; false when nobody can say where that is.
  net::awaitable<bool> move(SocketId socket, std::string room_id);
  net::awaitable<bool> move_to(SocketId socket, std::string room_id,
                               std::optional<cluster::NodeId> home);
  // What its home says; kMoved: the socket lives elsewhere now, and home_of_ says where.
  net::awaitable<std::optional<json::value>> ask_home(SocketId socket, std::string name,
                                                      json::object body);
  net::awaitable<void> save(SocketId socket);
  void refuse(const ClientEvent& event);
  void lose_home(std::optional<cluster::NodeId> home);
  void lose(const SocketId& socket);

  net::io_context& io_;
  SioGateway& sockets_;
  RemoteSockets& remote_;
  cluster::Nodes& nodes_;
  cluster::RoomHomes& homes_;
  cluster::StoredSessions& sessions_;
  MoveGate& gate_;
  bool is_leaving_ = false;
  Handlers inner_;
  Residence residence_;
  std::unordered_map<SocketId, Home> home_of_;  // of who lives at another server
};

}  // namespace server::gateway
