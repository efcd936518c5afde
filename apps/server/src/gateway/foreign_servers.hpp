// Socket.IO servers and emitters in Node that use the same Redis: what they say to the sockets
// here, and what they ask about them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cluster/nodes.hpp"
#include "gateway/sio_gateway.hpp"

namespace server::gateway {

// Control thread only. All it is built on outlives it.
class ForeignServers {
 public:
  // `describe`: what those servers may know of a socket.
  ForeignServers(net::io_context& io, SioGateway& sockets, cluster::Redis& redis,
                 cluster::Nodes& nodes, sio::RedisAdapter::Describe describe, Random& random);

  // While Redis is there, until the context is stopped.
  net::awaitable<void> listen();

 private:
  // By a connection of its own, until that ends.
  net::awaitable<void> listen_once();
  void hear(const cluster::RedisReply& reply);
  // The log says it once a minute, however much they send.
  void complain(sio::AdapterError error, std::string_view channel);

  net::io_context& io_;
  SioGateway& sockets_;
  cluster::Redis& redis_;
  const sio::RedisAdapter& adapter_;
  std::shared_ptr<cluster::RedisLink> link_;  // that listens; null while there is none
  std::size_t refused_ = 0;                   // since the log said it
  Instant quiet_until_;                       // for the log
};

}  // namespace server::gateway
