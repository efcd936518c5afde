// The least that a broadcast can cost: accepts the same clients, and on `go [rounds, burst]` does
// nothing but send one ready frame to all sockets, `burst` of them in one write.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

std::string frame(std::string_view text) {
  return std::string{'\x81', static_cast<char>(text.size())} + std::string(text);
}

// Of a masked client message below 126 octets, which is all that the load generator sends here.
std::string unmasked(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 6; i < bytes.size(); ++i) {
    text += static_cast<char>(bytes[i] ^ bytes[2 + (i - 6) % 4]);
  }
  return text;
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

void broadcast(const std::vector<int>& sockets, int rounds, int burst) {
  for (int left = rounds; left > 0; left -= burst) {
    std::string burst_of_frames;
    for (int i = 0; i < burst; ++i) {
      burst_of_frames += frame(R"(42["tick",{"round":1000,"text":"hello to everyone here"}])");
    }
    for (const int socket : sockets) send_all(socket, burst_of_frames);
  }
}

}  // namespace

int main() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 4096) != 0)
    return 1;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("listening on %u\n", static_cast<unsigned>(ntohs(address.sin_port)));
  std::fflush(stdout);

  const int poll = ::epoll_create1(0);
  const auto watch = [&](int socket) {
    epoll_event event{EPOLLIN, {.fd = socket}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
  };
  watch(listener);
  std::vector<int> sockets;
  for (;;) {
    epoll_event event{};
    if (::epoll_wait(poll, &event, 1, -1) != 1) continue;
    if (event.data.fd == listener) {
      const int client = ::accept(listener, nullptr, nullptr);
      // As both servers do; without it the kernel would merge what one of them must not.
      const int on = 1;
      ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      sockets.push_back(client);
      watch(client);
      continue;
    }
    std::array<char, 4096> buffer;
    const auto got = ::recv(event.data.fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return 0;  // the load is over
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    if (bytes.starts_with("GET ")) {
      send_all(event.data.fd, "HTTP/1.1 101 Switching Protocols\r\n\r\n" + frame("0{}"));
      continue;
    }
    const std::string text = unmasked(bytes);
    if (text.starts_with("40")) send_all(event.data.fd, frame(R"(40{"sid":"x"})"));
    int rounds = 0;
    int burst = 0;
    if (std::sscanf(text.c_str(), R"(42["go",%d,%d])", &rounds, &burst) == 2)
      broadcast(sockets, rounds, burst);
  }
}
