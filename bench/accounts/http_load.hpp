// A small HTTP/1.1 load generator: keep-alive connections on loopback, one thread, epoll.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct LoadResult {
  double per_second = 0;
  std::size_t failures = 0;          // answers other than 2xx
  std::vector<double> latencies_ms;  // sorted

  double percentile(double share) const;  // ms; share of 0 to 1
};

struct Load {
  std::uint16_t port = 0;
  std::vector<std::string> requests;  // whole requests; connection i sends requests[i % size]
  std::size_t connections = 32;
  double seconds = 5;
  double rate =
      0;  // requests/s, evenly spread, latency from when each was due; 0: as fast as answered
};

// Throws std::runtime_error when the server cannot be reached.
LoadResult run_load(const Load& load);

struct Reply {
  unsigned status = 0;
  std::string head;
  std::string body;
};

// One connection, one request at a time.
class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Reply ask(const std::string& request);

 private:
  int socket_;
};

// A request with a JSON body (none when empty) and cookies.
std::string make_request(const std::string& method, const std::string& path,
                         const std::string& body, const std::string& cookies);
// "name=value" of a Set-Cookie of the reply.
std::string cookie_of(const Reply& reply, const std::string& name);

}  // namespace bench
