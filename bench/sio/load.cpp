// The clients of the benchmarks, a process of their own: raw WebSockets that speak just enough
// Socket.IO. Prints one line of JSON.
//
//   sio-bench-load PORT idle COUNT              connects, waits for the end of standard input
//   sio-bench-load PORT echo COUNT RATE SECONDS RATE messages a second over COUNT connections
//   sio-bench-load PORT go COUNT ROUNDS BURST   has the server broadcast and counts deliveries
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// A client's frame with a mask of zeros (RFC 6455 section 5.3 wants one, not which).
std::string client_frame(std::string_view text) {
  return std::string{'\x81', static_cast<char>(0x80U | text.size()), 0, 0, 0, 0} +
         std::string(text);
}

struct Client {
  int socket = -1;
  std::string unread;
};

class Load {
 public:
  Load(std::uint16_t port, std::size_t count) : poll_(::epoll_create1(0)), clients_(count) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(port);
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }

  // Connections are opened 64 at a time and each joins the namespace /.
  double connect_all() {
    const auto start = Clock::now();
    for (std::size_t begin = 0; begin < clients_.size(); begin += 64) {
      const std::size_t end = std::min(begin + 64, clients_.size());
      for (std::size_t i = begin; i < end; ++i) open(i);
      std::size_t joined = 0;
      while (joined < end - begin) {
        receive(-1, [&](Client& client, std::string_view text) {
          if (text.starts_with('0')) send(client, "40");
          if (text.starts_with("40")) ++joined;
        });
      }
    }
    return seconds_since(start);
  }

  // Reads what there is and calls `heard` for every text message; answers pings.
  template <class Heard>
  void receive(int timeout_ms, Heard heard) {
    std::array<epoll_event, 512> events;
    const int ready = ::epoll_wait(poll_, events.data(), events.size(), timeout_ms);
    for (int i = 0; i < ready; ++i) {
      Client& client = clients_[events[static_cast<std::size_t>(i)].data.u64];
      std::array<char, 65536> buffer;
      const auto size = ::recv(client.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size == 0) fail("the server closed a connection");
      if (size < 0) continue;
      client.unread.append(buffer.data(), static_cast<std::size_t>(size));
      work_off(client, heard);
    }
  }

  void send(const Client& client, std::string_view text) {
    const std::string bytes = client_frame(text);
    if (::send(client.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) fail("send");
  }
  Client& client(std::size_t i) { return clients_[i % clients_.size()]; }

 private:
  void open(std::size_t i) {
    Client& client = clients_[i];
    client.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    ::setsockopt(client.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(client.socket, reinterpret_cast<sockaddr*>(&address_), sizeof address_) != 0)
      fail("connect");
    static constexpr std::string_view kUpgrade =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    if (::send(client.socket, kUpgrade.data(), kUpgrade.size(), MSG_NOSIGNAL) < 0) fail("upgrade");
    epoll_event event{EPOLLIN, {.u64 = i}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, client.socket, &event);
  }

  template <class Heard>
  void work_off(Client& client, Heard& heard) {
    std::string_view rest = client.unread;
    if (rest.starts_with("HTTP")) {
      const std::size_t end = rest.find("\r\n\r\n");
      if (end == std::string_view::npos) return;
      rest.remove_prefix(end + 4);
    }
    while (rest.size() >= 2) {
      std::size_t size = static_cast<unsigned char>(rest[1]);
      std::size_t header = 2;
      if (size == 126 && rest.size() >= 4) {
        size = static_cast<std::size_t>(static_cast<unsigned char>(rest[2])) << 8 |
               static_cast<unsigned char>(rest[3]);
        header = 4;
      }
      if (rest.size() < header + size) break;
      const std::string_view text = rest.substr(header, size);
      if (text == "2") {
        send(client, "3");
      } else {
        heard(client, text);
      }
      rest.remove_prefix(header + size);
    }
    client.unread.erase(0, client.unread.size() - rest.size());
  }

  int poll_;
  sockaddr_in address_{};
  std::vector<Client> clients_;
};

void idle(Load& load) {
  const double took = load.connect_all();
  std::printf("{\"seconds\":%.3f}\n", took);
  std::fflush(stdout);
  std::getchar();
}

void echo(Load& load, double rate, double seconds) {
  load.connect_all();
  std::vector<Clock::time_point> sent;
  std::vector<double> latencies_ms;
  const auto start = Clock::now();
  const auto total = static_cast<std::size_t>(rate * seconds);
  double last_s = 0;
  while (latencies_ms.size() < total && (last_s = seconds_since(start)) < seconds + 10) {
    const auto due = std::min(total, static_cast<std::size_t>(last_s * rate));
    while (sent.size() < due) {
      const std::size_t i = sent.size();
      sent.push_back(Clock::now());
      load.send(load.client(i), "42[\"message\"," + std::to_string(i) + "]");
    }
    load.receive(1, [&](Client&, std::string_view text) {
      std::size_t i = 0;
      if (std::sscanf(std::string(text).c_str(), "42[\"message-back\",%zu]", &i) != 1) return;
      latencies_ms.push_back(1000 * seconds_since(sent.at(i)));
    });
  }
  std::ranges::sort(latencies_ms);
  const auto at = [&](double share) {
    return latencies_ms.empty() ? 0.0
                                : latencies_ms[static_cast<std::size_t>(
                                      share * static_cast<double>(latencies_ms.size() - 1))];
  };
  std::printf("{\"sent\":%zu,\"echoed\":%zu,\"seconds\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
              total, latencies_ms.size(), seconds_since(start), at(0.5), at(0.99));
}

void go(Load& load, std::size_t members, std::size_t rounds, std::size_t burst) {
  load.connect_all();
  std::size_t delivered = 0;
  const auto start = Clock::now();
  load.send(load.client(0),
            "42[\"go\"," + std::to_string(rounds) + "," + std::to_string(burst) + "]");
  while (delivered < members * rounds && seconds_since(start) < 120) {
    load.receive(
        100, [&](Client&, std::string_view text) { delivered += text.starts_with("42[\"tick\""); });
  }
  std::printf("{\"delivered\":%zu,\"seconds\":%.3f}\n", delivered, seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i) { return i < argc ? std::strtoul(argv[i], nullptr, 10) : 0; };
  if (argc < 4) {
    std::fputs("usage: sio-bench-load PORT idle|echo|go COUNT …\n", stderr);
    return 2;
  }
  Load load(static_cast<std::uint16_t>(number(1)), number(3));
  const std::string_view mode = argv[2];
  if (mode == "idle") idle(load);
  if (mode == "echo") echo(load, static_cast<double>(number(4)), static_cast<double>(number(5)));
  if (mode == "go") go(load, number(3), number(4), number(5));
}
