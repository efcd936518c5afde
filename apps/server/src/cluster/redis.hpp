// One connection to Redis, for the control thread: commands go in order, so do their answers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace server::cluster {

namespace net = boost::asio;

struct RedisUrl {
  std::string host;
  std::string port = "6379";
  std::string user;      // empty: the default user
  std::string password;  // empty: none
  std::string database = "0";

  // "redis://[[user]:password@]host[:port][/db]". The error says what is allowed, and holds nothing
  // of the URL, which may hold a password.
  static std::expected<RedisUrl, std::string> parse(std::string_view url);
};

// What our commands are answered with, of the types of RESP 2.
struct RedisReply {
  bool is_error = false;
  std::int64_t integer = 0;  // of an integer, else 0
  std::string text;          // of a string, a status or an error
};

// Control thread only. A connection that was lost is opened again with a back-off of 0.1 to 2 s.
class Redis {
 public:
  // Commands that wait for their answers; more are refused at once.
  static constexpr std::size_t kWaitingMax = 4096;

  Redis(net::io_context& io, RedisUrl url);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  // Connects, and again when the connection is lost, until the context is stopped. Says in the log
  // once that Redis is away, and once that it is back.
  net::awaitable<void> run();

  // Connects, logs in and leaves; empty, or what went wrong.
  net::awaitable<std::string> try_once();

  // The answer to one command, words as Redis takes them. nullopt: not connected, too many wait, or
  // no answer within half a second, after which the connection is given up.
  net::awaitable<std::optional<RedisReply>> ask(std::vector<std::string> words);

  bool is_connected() const { return link_ != nullptr; }

 private:
  struct Link;

  // Serves the connection until it ends; why it did.
  net::awaitable<std::string> serve(std::shared_ptr<Link> link);
  // Connects and logs in, in 3 s at most; empty, or what went wrong.
  net::awaitable<std::string> open(Link& link);
  net::awaitable<std::string> greet(Link& link);
  void report_away(const std::string& reason);

  net::io_context& io_;
  RedisUrl url_;
  std::shared_ptr<Link> link_;  // null while there is no connection
  bool is_away_ = false;        // and that has been said
};

}  // namespace server::cluster
