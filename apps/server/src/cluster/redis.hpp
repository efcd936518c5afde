// Commands to Redis, for the control thread: they go in order, so do their answers.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/redis_link.hpp"

namespace server::cluster {

// Control thread only. A connection that was lost is opened again with a back-off of 0.1 to 2 s.
class Redis {
 public:
  // Commands that wait for their answers; more are refused at once.
  static constexpr std::size_t kWaitingMax = 65'536;

  Redis(net::io_context& io, RedisUrl url) : io_(io), url_(std::move(url)) {}
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  // Called whenever the connection is lost: what was told last may not have come through. Once,
  // before run().
  void on_lost(std::function<void()> handler) { on_lost_ = std::move(handler); }

  // Connects, and again when the connection is lost, until the context is stopped. Says in the log
  // once that Redis is away, and once that it is back.
  net::awaitable<void> run();

  // Connects, logs in and leaves; empty, or what went wrong.
  net::awaitable<std::string> try_once();

  // The answer to one command, words as Redis takes them. nullopt: not connected, too many wait, or
  // no answer within half a second, after which the connection is given up.
  net::awaitable<std::optional<RedisReply>> ask(std::vector<std::string> words);
  // A command whose answer nobody waits for. False: not connected, or too many wait.
  bool tell(const std::vector<std::string>& words);

  bool is_connected() const { return link_ != nullptr; }
  const RedisUrl& url() const { return url_; }

 private:
  struct Waiting {
    explicit Waiting(net::io_context& io) : signal(io) {}
    net::steady_timer signal;  // cancelled when the answer is there, or will never be
    std::optional<RedisReply> reply;
  };

  // Serves the connection until it ends; why it did.
  net::awaitable<std::string> serve(std::shared_ptr<RedisLink> link);
  void lose();
  void report_away(const std::string& reason);

  net::io_context& io_;
  RedisUrl url_;
  std::shared_ptr<RedisLink> link_;               // null while there is no connection
  std::deque<std::shared_ptr<Waiting>> waiting_;  // in the order of their commands; null: untold
  std::function<void()> on_lost_;
  bool is_away_ = false;  // and that has been said
};

}  // namespace server::cluster
