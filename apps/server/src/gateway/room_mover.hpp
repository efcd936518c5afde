// Rooms that go on at another server when this one stops, and rooms that come from one that does:
// with everyone in them, who notice nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "cluster/nodes.hpp"
#include "cluster/room_homes.hpp"
#include "gateway/edge.hpp"
#include "gateway/move_gate.hpp"
#include "gateway/remote_sockets.hpp"
#include "gateway/residence.hpp"

namespace server::gateway {

// Control thread only. All it is built on outlives it.
class RoomMover {
 public:
  RoomMover(net::io_context& io, Edge& edge, RemoteSockets& remote, cluster::Nodes& nodes,
            cluster::RoomHomes& homes, MoveGate& gate, Residence residence);

  // This server is about to stop: each room here moves to another server, if one takes it; those
  // with media of this server only `with_media`. Who is connected here lives there then. From now
  // on no room is taken here.
  net::awaitable<void> hand_over(bool with_media);

 private:
  using Servers = std::vector<cluster::NodeId>;

  // Takes those out of `others` that take no room.
  net::awaitable<void> move(std::string room, Servers& others);
  net::awaitable<bool> offer(std::string room, cluster::NodeId to, json::object body,
                             Servers& others);
  // The one that has most of its people, else the next in turn.
  cluster::NodeId successor(const Servers& others, const json::object& places);
  void let_go(const std::string& room, const SavedRoom& saved, const cluster::NodeId& to);
  net::awaitable<json::value> on_take(cluster::NodeId from, json::object body);

  net::io_context& io_;
  Edge& edge_;
  RemoteSockets& remote_;
  cluster::Nodes& nodes_;
  cluster::RoomHomes& homes_;
  MoveGate& gate_;
  Residence residence_;
  bool is_leaving_ = false;
  std::size_t turn_ = 0;
};

}  // namespace server::gateway
