// One connection to Redis and the bytes that go over it, RESP 2 by libhiredis.
#pragma once

#include <hiredis/hiredis.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/redis_url.hpp"

namespace server::cluster {

namespace net = boost::asio;

// What our commands are answered with, of the types of RESP 2.
struct RedisReply {
  bool is_error = false;
  std::int64_t integer = 0;  // of an integer, else 0
  std::string text;          // of a string, a status or an error
  std::vector<RedisReply> items;
};

// Held by shared pointers: coroutines that work on it keep it, so that a new one is never mistaken
// for it.
class RedisLink : public std::enable_shared_from_this<RedisLink> {
 public:
  // Octets of commands that wait for the network; beyond them the connection is given up.
  static constexpr std::size_t kOutgoingMax = 64 * 1024 * 1024;

  explicit RedisLink(net::io_context& io);

  // Connects and logs in, in 3 s at most; empty, or what went wrong.
  net::awaitable<std::string> open(const RedisUrl& url);
  // The next reply; nullopt when the connection has ended or speaks something else.
  net::awaitable<std::optional<RedisReply>> read();
  // One command, words as Redis takes them; after those that were sent before.
  void send(const std::vector<std::string>& words);
  void close();

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };

  net::awaitable<std::string> greet(const RedisUrl& url);
  static net::awaitable<void> write(std::shared_ptr<RedisLink> link);

  net::io_context& io_;
  net::ip::tcp::socket socket_;
  std::unique_ptr<redisReader, FreeReader> reader_;
  std::string outgoing_;
  bool is_writing_ = false;
};

}  // namespace server::cluster
