// The listening socket of the HTTP door: accepts, shakes hands by TLS, and starts sessions.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "http/handshake_turns.hpp"
#include "http/session.hpp"

namespace server::http {

struct ListenOptions {
  std::string host;        // an address; "::" takes IPv4 too, and falls back to 0.0.0.0
  std::uint16_t port = 0;  // 0: a free one
  std::string tls_cert;    // PEM files; empty: plain HTTP
  std::string tls_key;
  std::size_t connections_max = 50'000;
};

// Control thread only.
class Listener {
 public:
  // Binds and listens. Throws std::system_error with host and port in its text when it cannot,
  // and when certificate or key cannot be read.
  Listener(net::io_context& io, ListenOptions options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;
  // Connections wait in the backlog until this. `context` outlives the listener.
  void start(SessionContext& context);
  // Reads certificate and key again; new connections use them. False when they cannot be read,
  // and the old ones stay.
  bool reload_tls();
  // TLS handshakes that were turned away because too many of their address waited.
  std::uint64_t handshakes_refused() const { return handshakes_.refused(); }
  // No new connections.
  void close();

 private:
  net::awaitable<void> accept_loop(SessionContext& context);
  net::awaitable<void> sweep_loop(Connections& connections);
  net::awaitable<void> shake_hands(tcp::socket socket, SessionContext& context,
                                   Addresses::Connection counted);
  // Until there is something to read and it is the connection's turn; false when there is no room.
  net::awaitable<bool> may_shake_hands(tcp::socket& socket);

  net::io_context& io_;
  ListenOptions options_;
  tcp::acceptor acceptor_;
  net::steady_timer sweep_timer_;
  std::shared_ptr<net::ssl::context> tls_;  // null: plain HTTP
  HandshakeTurns handshakes_;
};

}  // namespace server::http
