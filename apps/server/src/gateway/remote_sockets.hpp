// The slices' door where there are several servers: sockets of this one, and those of others that
// live in rooms here.
#pragma once

#include <map>
#include <unordered_map>

#include "cluster/nodes.hpp"
#include "gateway/gateway.hpp"
#include "gateway/residence.hpp"

namespace server::gateway {

// Control thread only. All it is built on outlives it.
class RemoteSockets final : public Gateway {
 public:
  RemoteSockets(Gateway& local, cluster::Nodes& nodes);

  // For the sockets of other servers; once, before the first.
  void set_handlers(Handlers inner, Residence residence);

  // Sockets of other servers that live here.
  std::size_t count() const { return edge_of_.size(); }

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
  using Members = std::map<SocketId, cluster::NodeId>;

  void hear_edges();
  // false: the socket does not live here (any more).
  net::awaitable<json::value> on_event(cluster::NodeId from, json::object body);
  bool lives_here(const SocketId& socket, const cluster::NodeId& edge) const;
  void end(const SocketId& socket, std::string_view reason);
  void lose(std::optional<cluster::NodeId> edge);
  // To every server that has sockets in the room, once.
  void tell_edges(std::string_view room, std::string_view name, const json::object& body);

  Gateway& local_;
  cluster::Nodes& nodes_;
  Handlers inner_;
  Residence residence_;
  std::unordered_map<SocketId, cluster::NodeId> edge_of_;
  std::map<std::string, Members, std::less<>> rooms_;  // sockets of other servers alone
};

}  // namespace server::gateway
