// What the reference server does with its clients.
#pragma once

#include <memory>

#include "base/random.hpp"
#include "gateway/engine_shell.hpp"
#include "sio/server.hpp"

namespace sio_reference {

class Echo {
 public:
  virtual ~Echo() = default;
  virtual server::http::Doorway doorway() = 0;
  // Tells every client that the server shuts down.
  virtual void shut_down() = 0;
  virtual std::size_t session_count() = 0;
};

struct EchoOptions {
  sio::ServerOptions server;
  server::gateway::EngineDoor door;
};

// Engine.IO alone: every message comes back, text as text and binary as binary.
std::unique_ptr<Echo> make_engine_echo(boost::asio::io_context& io, Random& random,
                                       EchoOptions options);

// Socket.IO with the namespaces / and /custom. Each emits `auth` with the CONNECT's payload right
// after its reply; on / a `message` comes back as `message-back`, and `message-with-ack` is
// acknowledged with its arguments.
std::unique_ptr<Echo> make_socket_echo(boost::asio::io_context& io, Random& random,
                                       EchoOptions options);

}  // namespace sio_reference
