#include "sfu/ice_tcp_port.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "sfu/bound_socket.hpp"
#include "sfu/socket_address.hpp"

namespace server::sfu {

namespace {

constexpr int kBacklog = 256;
constexpr std::size_t kEventsMax = 64;  // of one receive()
constexpr int kAcceptMax = 64;          // of one receive()
constexpr int kReadMax = 16;            // reads of one connection in one receive(): others wait

}  // namespace

struct IceTcpPort::Connection {
  int socket = -1;
  rtc::Path path;
  rtc::TcpDeframer deframer;
  std::vector<std::uint8_t> unsent;
  Instant until;  // without anything sent
  bool waits_to_write = false;

  ~Connection() { ::close(socket); }
};

IceTcpPort::IceTcpPort(const std::optional<IpAddress>& listen, std::uint16_t port) {
  const BoundSocket bound = bind_socket(SOCK_STREAM, listen, port);
  listener_ = bound.descriptor;
  port_ = bound.port;
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = 0;  // connections count from 1
  const bool is_ready = epoll_ >= 0 && ::listen(listener_, kBacklog) == 0 &&
                        epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) == 0;
  if (is_ready) return;
  const int error = errno;
  if (epoll_ >= 0) ::close(epoll_);
  ::close(listener_);
  throw std::system_error(error, std::system_category(), "TCP listen");
}

IceTcpPort::~IceTcpPort() {
  connections_.clear();
  ::close(epoll_);
  ::close(listener_);
}

void IceTcpPort::receive(Instant now, const Receiver& receiver) {
  std::array<epoll_event, kEventsMax> events;
  const int count = epoll_wait(epoll_, events.data(), kEventsMax, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const std::uint32_t id = event.data.u32;
    if (id == 0) {
      accept_all(now);
      continue;
    }
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    Connection& connection = *found->second;
    const bool is_open = ((event.events & EPOLLOUT) == 0 || write(connection)) &&
                         ((event.events & ~EPOLLOUT) == 0 || read(connection, receiver));
    if (!is_open) close(id, receiver);
  }
}

void IceTcpPort::accept_all(Instant now) {
  for (int i = 0; i < kAcceptMax; ++i) {
    sockaddr_storage remote{};
    socklen_t size = sizeof remote;
    const int socket = accept4(listener_, reinterpret_cast<sockaddr*>(&remote), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    auto connection = std::make_unique<Connection>();
    connection->socket = socket;
    const Network network = network_of(from_sockaddr(remote).address);
    const auto others = per_network_.find(network);
    const bool is_too_many = connections_.size() == kConnectionsMax ||
                             (others != per_network_.end() && others->second == kPerNetworkMax);
    if (is_too_many) {
      ++refused_;
      continue;
    }
    sockaddr_storage local{};
    size = sizeof local;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&local), &size) != 0) continue;
    const int on = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    do {
      ++last_id_;
    } while (last_id_ == 0 || last_id_ == rtc::Path::kPipe || connections_.contains(last_id_));
    connection->path = {.remote = from_sockaddr(remote),
                        .local = from_sockaddr(local).address,
                        .connection = last_id_};
    connection->until = now + kUnproven;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = last_id_;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) continue;
    next_timeout_ = std::min(next_timeout_, connection->until);
    ++per_network_[network];
    connections_[last_id_] = std::move(connection);
  }
}

// False when the connection is over.
bool IceTcpPort::read(Connection& connection, const Receiver& receiver) {
  for (int i = 0; i < kReadMax; ++i) {
    const MutableBytes space = connection.deframer.space();
    const ssize_t size = recv(connection.socket, space.data(), space.size(), MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (size == 0) return false;
    connection.deframer.filled(static_cast<std::size_t>(size));
    while (const auto packet = connection.deframer.next()) {
      receiver.on_packet(connection.path, *packet);
    }
    if (connection.deframer.is_broken()) return false;
  }
  return true;
}

bool IceTcpPort::send(Instant now, const rtc::Path& path, Bytes packet) {
  const auto found = connections_.find(path.connection);
  if (found == connections_.end() || packet.size() > 0xFFFF) return false;
  Connection& connection = *found->second;
  connection.until = now + kSilent;
  if (connection.unsent.size() + packet.size() > kUnsentMax) return false;
  const auto head = rtc::tcp_frame_header(static_cast<std::uint16_t>(packet.size()));
  const bool was_empty = connection.unsent.empty();
  connection.unsent.insert(connection.unsent.end(), head.begin(), head.end());
  connection.unsent.insert(connection.unsent.end(), packet.begin(), packet.end());
  // A connection that broke is found out about, and closed, by the next receive().
  if (was_empty) (void)write(connection);
  return true;
}

// False when the connection is over.
bool IceTcpPort::write(Connection& connection) {
  std::vector<std::uint8_t>& unsent = connection.unsent;
  const ssize_t size =
      ::send(connection.socket, unsent.data(), unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return false;
  if (size > 0) unsent.erase(unsent.begin(), unsent.begin() + size);
  if (connection.waits_to_write != !unsent.empty()) watch(connection, !unsent.empty());
  return true;
}

void IceTcpPort::watch(Connection& connection, bool for_writing) {
  connection.waits_to_write = for_writing;
  epoll_event event{};
  event.events = for_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u32 = connection.path.connection;
  (void)epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.socket, &event);
}

void IceTcpPort::handle_timeout(Instant now, const Receiver& receiver) {
  if (now < next_timeout_) return;
  next_timeout_ = Instant::never();
  std::vector<std::uint32_t> over;
  for (const auto& [id, connection] : connections_) {
    if (connection->until <= now) {
      over.push_back(id);
    } else {
      next_timeout_ = std::min(next_timeout_, connection->until);
    }
  }
  for (const std::uint32_t id : over) close(id, receiver);
}

void IceTcpPort::end(std::uint32_t connection, const Receiver& receiver) {
  if (connections_.contains(connection)) close(connection, receiver);
}

// One household has many IPv6 addresses, but one /64.
IceTcpPort::Network IceTcpPort::network_of(const IpAddress& address) {
  Network network = address.octets;
  if (!address.is_v4()) std::fill(network.begin() + 8, network.end(), std::uint8_t{0});
  return network;
}

void IceTcpPort::close(std::uint32_t id, const Receiver& receiver) {
  const auto found = connections_.find(id);
  const rtc::Path path = found->second->path;
  const auto others = per_network_.find(network_of(path.remote.address));
  if (--others->second == 0) per_network_.erase(others);
  connections_.erase(found);
  receiver.on_closed(path);
}

}  // namespace server::sfu
