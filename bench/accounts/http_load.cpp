#include "http_load.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <stdexcept>

namespace bench {
namespace {

using Steady = std::chrono::steady_clock;

int connect_to(std::uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("the server cannot be reached");
  }
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connection;
}

// Octets of the first whole answer in the buffer; 0 when there is none yet.
std::size_t answer_size(const std::string& buffer) {
  const std::size_t end = buffer.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t length = buffer.find(kLength);
  const std::size_t body =
      length < end ? std::stoul(buffer.substr(length + kLength.size(), 12)) : 0;
  const std::size_t size = end + 4 + body;
  return buffer.size() >= size ? size : 0;
}

struct Connection {
  int socket = -1;
  const std::string* request = nullptr;
  Steady::time_point due;
  bool is_busy = false;
  std::string buffer;
};

void send_all(int socket, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t step = write(socket, text.data() + sent, text.size() - sent);
    if (step <= 0) throw std::runtime_error("the server closed a connection");
    sent += static_cast<std::size_t>(step);
  }
}

void start(Connection& connection, Steady::time_point due) {
  connection.due = due;
  connection.is_busy = true;
  send_all(connection.socket, *connection.request);
}

}  // namespace

double LoadResult::percentile(double share) const {
  if (latencies_ms.empty()) return 0;
  const auto last = static_cast<double>(latencies_ms.size() - 1);
  return latencies_ms[static_cast<std::size_t>(share * last)];
}

LoadResult run_load(const Load& load) {
  const int poller = epoll_create1(0);
  std::deque<Connection> connections(load.connections);
  for (std::size_t i = 0; i < connections.size(); ++i) {
    connections[i].socket = connect_to(load.port);
    connections[i].request = &load.requests[i % load.requests.size()];
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(poller, EPOLL_CTL_ADD, connections[i].socket, &event);
  }
  LoadResult result;
  const auto began = Steady::now();
  const auto end = began + std::chrono::duration_cast<Steady::duration>(
                               std::chrono::duration<double>(load.seconds));
  const auto interval = std::chrono::duration_cast<Steady::duration>(
      std::chrono::duration<double>(load.rate > 0 ? 1 / load.rate : 0));
  Steady::time_point next_due = began;
  std::deque<std::size_t> idle;
  for (std::size_t i = 0; i < connections.size(); ++i) idle.push_back(i);
  std::size_t busy = 0;

  while (true) {
    const auto now = Steady::now();
    const bool is_over = now >= end;
    if (is_over && busy == 0) break;
    while (!is_over && !idle.empty() && (load.rate == 0 || next_due <= now)) {
      start(connections[idle.front()], load.rate == 0 ? now : next_due);
      idle.pop_front();
      ++busy;
      next_due += interval;
    }
    epoll_event events[64];
    const int count = epoll_wait(poller, events, 64, load.rate > 0 && !idle.empty() ? 0 : 50);
    for (int i = 0; i < count; ++i) {
      Connection& connection = connections[events[i].data.u64];
      char chunk[16384];
      const ssize_t size = read(connection.socket, chunk, sizeof chunk);
      if (size <= 0) throw std::runtime_error("the server closed a connection");
      connection.buffer.append(chunk, static_cast<std::size_t>(size));
      const std::size_t whole = answer_size(connection.buffer);
      if (whole == 0) continue;
      if (connection.buffer.compare(9, 1, "2") != 0) ++result.failures;
      connection.buffer.erase(0, whole);
      connection.is_busy = false;
      --busy;
      idle.push_back(events[i].data.u64);
      const std::chrono::duration<double, std::milli> took = Steady::now() - connection.due;
      result.latencies_ms.push_back(took.count());
    }
  }
  const std::chrono::duration<double> took = Steady::now() - began;
  result.per_second = static_cast<double>(result.latencies_ms.size()) / took.count();
  for (Connection& connection : connections) close(connection.socket);
  close(poller);
  std::ranges::sort(result.latencies_ms);
  return result;
}

Client::Client(std::uint16_t port) : socket_(connect_to(port)) {}
Client::~Client() { close(socket_); }

Reply Client::ask(const std::string& request) {
  send_all(socket_, request);
  std::string buffer;
  std::size_t whole = 0;
  while (whole == 0) {
    char chunk[16384];
    const ssize_t size = read(socket_, chunk, sizeof chunk);
    if (size <= 0) throw std::runtime_error("the server closed a connection");
    buffer.append(chunk, static_cast<std::size_t>(size));
    whole = answer_size(buffer);
  }
  const std::size_t head = buffer.find("\r\n\r\n");
  return {static_cast<unsigned>(std::stoul(buffer.substr(9, 3))), buffer.substr(0, head),
          buffer.substr(head + 4)};
}

std::string make_request(const std::string& method, const std::string& path,
                         const std::string& body, const std::string& cookies) {
  std::string request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!cookies.empty()) request += "Cookie: " + cookies + "\r\n";
  if (!body.empty()) request += "Content-Type: application/json\r\n";
  if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return request + "\r\n" + body;
}

std::string cookie_of(const Reply& reply, const std::string& name) {
  const std::size_t start = reply.head.find("\r\nSet-Cookie: " + name + "=");
  if (start == std::string::npos) throw std::runtime_error("no cookie " + name + ": " + reply.body);
  const std::size_t value = start + 14;
  return reply.head.substr(value, reply.head.find(';', value) - value);
}

}  // namespace bench
