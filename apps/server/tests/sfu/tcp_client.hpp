// A TCP client on loopback that frames its packets as browsers do (RFC 4571).
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "rtc/ice/tcp_framing.hpp"

namespace server::sfu::testing {

class TcpClient {
 public:
  using Octets = std::vector<std::uint8_t>;

  // `from` is the client's own address.
  explicit TcpClient(std::uint16_t port, const char* from = "127.0.0.1")
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    inet_pton(AF_INET, from, &own.sin_addr);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    const timeval deadline{.tv_sec = 5, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~TcpClient() { ::close(socket_); }
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  void send_raw(Bytes octets) {
    EXPECT_EQ(::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  void send(Bytes packet) {
    const auto head = rtc::tcp_frame_header(static_cast<std::uint16_t>(packet.size()));
    send_raw(head);
    send_raw(packet);
  }
  // The next packet; empty once the connection is closed, or nothing came for 5 s.
  Octets receive() {
    const Octets head = read(2);
    return head.empty() ? head : read(static_cast<std::size_t>(head[0] << 8 | head[1]));
  }
  // True when the other side closes within 5 s, whatever it sends before.
  bool is_closed() {
    std::uint8_t octet = 0;
    ssize_t size = 0;
    while ((size = recv(socket_, &octet, 1, 0)) > 0) continue;
    return size == 0 || errno == ECONNRESET;
  }

 private:
  Octets read(std::size_t size) {
    Octets octets(size);
    const ssize_t count = recv(socket_, octets.data(), size, MSG_WAITALL);
    octets.resize(count == static_cast<ssize_t>(size) ? size : 0);
    return octets;
  }

  int socket_;
};

}  // namespace server::sfu::testing
