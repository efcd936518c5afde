// A plain socket of another party, connected to a worker on loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/bytes.hpp"

namespace server::sfu::testing {

class UdpClient {
 public:
  // `address` is the worker's, of IPv4.
  UdpClient(int family, std::uint16_t port, const char* address = "127.0.0.1")
      : socket_(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_addr = in6addr_loopback;
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    four.sin_addr.s_addr = inet_addr(address);
    connected_ = family == AF_INET6
                     ? connect(socket_, reinterpret_cast<const sockaddr*>(&six), sizeof six) == 0
                     : connect(socket_, reinterpret_cast<const sockaddr*>(&four), sizeof four) == 0;
  }
  ~UdpClient() { close(socket_); }
  UdpClient(const UdpClient&) = delete;
  UdpClient& operator=(const UdpClient&) = delete;

  bool connected() const { return connected_; }
  void send(Bytes datagram) { (void)::send(socket_, datagram.data(), datagram.size(), 0); }

  std::uint16_t own_port() const {
    sockaddr_in6 address{};
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin6_port);
  }

  // The next datagram; empty when none comes within the time.
  std::vector<std::uint8_t> receive(int milliseconds = 5000) {
    pollfd wait{socket_, POLLIN, 0};
    if (poll(&wait, 1, milliseconds) != 1) return {};
    std::vector<std::uint8_t> datagram(2048);
    const ssize_t size = recv(socket_, datagram.data(), datagram.size(), 0);
    datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return datagram;
  }

  // Sends until an answer comes, as a STUN client does; empty after five seconds.
  std::vector<std::uint8_t> ask(Bytes request) {
    for (int attempt = 0; attempt < 50; ++attempt) {
      send(request);
      auto answer = receive(100);
      if (!answer.empty()) return answer;
    }
    return {};
  }

 private:
  int socket_;
  bool connected_ = false;
};

// Waits for another thread to have done something.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace server::sfu::testing
