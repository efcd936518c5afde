// One HTTP/1.1 connection, from its first octet to its end.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "http/addresses.hpp"
#include "http/connections.hpp"
#include "http/doorway.hpp"
#include "http/proxy_trust.hpp"
#include "http/router.hpp"

namespace server::http {

using TlsStream = net::ssl::stream<tcp::socket>;

// What a client may take; beyond it the request is refused by name and the connection closed.
struct SessionLimits {
  std::size_t header_max = 16 * 1024;               // octets of request line and header fields
  std::size_t target_max = 8 * 1024;                // octets of the request target
  Duration header_time = std::chrono::seconds{10};  // from the first octet of a request
  Duration body_time = std::chrono::seconds{30};
  Duration write_time = std::chrono::seconds{30};
  Duration idle_time = std::chrono::seconds{75};  // between two requests
};

// What all sessions share; outlives them. Control thread only.
struct SessionContext {
  Router& router;
  std::vector<Doorway> doorways;
  ProxyTrust trust;
  Connections& connections;
  Addresses& addresses;
  SessionLimits limits;
  BufferedRandom request_ids;

  // Counts a connection towards its address, but for one of a trusted proxy, which has everybody's.
  // nullopt: that has too many.
  std::optional<Addresses::Connection> admit(const tcp::socket& socket);
};

// Serves requests until the client closes, stalls or errs, or the server drains. A TLS stream
// has finished its handshake. `counted` lives as long as the connection, also as a WebSocket.
net::awaitable<void> serve(tcp::socket socket, SessionContext& context,
                           Addresses::Connection counted);
net::awaitable<void> serve(TlsStream stream, SessionContext& context,
                           Addresses::Connection counted);

// The process's monotonic clock on the engine's line of time.
Instant steady_now();

}  // namespace server::http
