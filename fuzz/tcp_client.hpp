// A TCP client of a server on loopback, for fuzz targets whose clients tear their connections.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace fuzz {

// It never blocks, and ends as if a cable were cut.
class TcpClient {
 public:
  TcpClient() = default;
  ~TcpClient() { cut(); }
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  void connect(std::uint16_t port) {
    cut();
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  void send(std::string_view octets) const {
    if (socket_ >= 0) (void)::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
  }
  std::string receive() const {
    std::array<char, 16'384> buffer;
    const ssize_t size = socket_ < 0 ? 0 : recv(socket_, buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
  }
  void finish() const { shutdown(socket_, SHUT_WR); }
  // At once, and without a port that stays taken for a minute.
  void cut() {
    if (socket_ < 0) return;
    const linger none{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(socket_);
    socket_ = -1;
  }

 private:
  int socket_ = -1;
};

}  // namespace fuzz
