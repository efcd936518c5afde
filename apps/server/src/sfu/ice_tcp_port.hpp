// The TCP socket of a media worker, for browsers whose network lets no UDP through (RFC 6544).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "rtc/ice/path.hpp"
#include "rtc/ice/tcp_framing.hpp"

namespace server::sfu {

// Accepts connections and carries packets over them, framed (RFC 4571); no protocol. Non-blocking.
// Not thread-safe. Owns its sockets.
//
// Whoever connects must be wanted: a connection that nothing was sent on within kUnproven is
// closed, and when there are kConnectionsMax, further ones are.
class IceTcpPort {
 public:
  static constexpr std::size_t kConnectionsMax = 2048;
  static constexpr std::size_t kUnsentMax = 256 * 1024;  // octets of one; what comes then is lost
  static constexpr Duration kUnproven = std::chrono::seconds{10};

  struct Receiver {
    std::function<void(const rtc::Path& from, MutableBytes packet)> on_packet;
    std::function<void(const rtc::Path& from)> on_closed;
  };

  // See bind_socket().
  IceTcpPort(const std::optional<IpAddress>& listen, std::uint16_t port);
  ~IceTcpPort();
  IceTcpPort(const IceTcpPort&) = delete;
  IceTcpPort& operator=(const IceTcpPort&) = delete;

  // Readable when receive() has something to do.
  int descriptor() const { return epoll_; }
  std::uint16_t port() const { return port_; }
  std::size_t connection_count() const { return connections_.size(); }

  // Accepts, reads and goes on writing, as far as that does not block.
  void receive(Instant now, const Receiver& receiver);
  // Closes what is unproven. Call it at next_timeout(), or whenever.
  void handle_timeout(Instant now, const Receiver& receiver);
  Instant next_timeout() const { return next_timeout_; }

  // False when there is no such connection (any more), or too much of it is unsent.
  bool send(const rtc::Path& path, Bytes packet);

 private:
  struct Connection;

  void accept_all(Instant now);
  bool read(Connection& connection, const Receiver& receiver);
  bool write(Connection& connection);
  void watch(Connection& connection, bool for_writing);
  void close(std::uint32_t id, const Receiver& receiver);

  int listener_ = -1;
  int epoll_ = -1;
  std::uint16_t port_ = 0;
  std::uint32_t last_id_ = 0;
  std::unordered_map<std::uint32_t, std::unique_ptr<Connection>> connections_;
  Instant next_timeout_ = Instant::never();
};

}  // namespace server::sfu
