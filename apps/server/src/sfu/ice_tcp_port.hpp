// The TCP socket of a media worker, for browsers whose network lets no UDP through (RFC 6544).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
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
// Whoever connects must be wanted. A connection that we send nothing on within kUnproven, or
// afterwards for kSilent, is closed: what nobody here answers belongs to nobody. Of one network (an
// IPv4 address, or an IPv6 /64) kPerNetworkMax connections stand at a time, kConnectionsMax of all;
// further ones are closed at once and counted.
class IceTcpPort {
 public:
  static constexpr std::size_t kConnectionsMax = 2048;
  // Of one network: as many as 64 people behind one NAT make, with two transports each, while they
  // change from an old connection to a new one.
  static constexpr std::size_t kPerNetworkMax = 256;
  static constexpr std::size_t kUnsentMax = 256 * 1024;  // octets of one; what comes then is lost
  static constexpr Duration kUnproven = std::chrono::seconds{10};
  static constexpr Duration kSilent = std::chrono::seconds{30};  // as consent (RFC 7675)

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
  // Closes what is unproven or silent. Call it at next_timeout(), or whenever.
  void handle_timeout(Instant now, const Receiver& receiver);
  Instant next_timeout() const { return next_timeout_; }

  // False when there is no such connection (any more), or too much of it is unsent.
  bool send(Instant now, const rtc::Path& path, Bytes packet);
  // Closes the connection of this number, if there is one.
  void end(std::uint32_t connection, const Receiver& receiver);
  std::uint64_t refused() const { return refused_; }  // connections beyond what may stand

 private:
  struct Connection;
  using Network = std::array<std::uint8_t, 16>;

  static Network network_of(const IpAddress& address);

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
  std::map<Network, std::size_t> per_network_;  // connections
  std::uint64_t refused_ = 0;
  Instant next_timeout_ = Instant::never();
};

}  // namespace server::sfu
