// The servers that act as one: who is there, and messages between them over Redis.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "cluster/redis.hpp"
#include "cluster/seal.hpp"

namespace server::cluster {

namespace json = boost::json;

// A server between two losses of its connection to Redis: after one it is another node, since what
// the others told it meanwhile is lost.
using NodeId = std::string;

// Control thread only. Each node listens at a channel of its own and at one of all; messages from
// one node to another arrive in the order of sending, or not at all, after which one of the two is
// gone for the other.
class Nodes {
 public:
  static constexpr Duration kBeat = std::chrono::seconds{1};
  static constexpr Duration kSilence = std::chrono::seconds{4};  // after which a node is gone
  // A server that was stopped for this long may be gone for the others.
  static constexpr Duration kStandstill = kSilence - kBeat;
  static constexpr Duration kPatience = std::chrono::seconds{10};  // for an answer
  // Octets of a message; far below what Redis lets a subscriber lag behind (32 MB).
  static constexpr std::size_t kMessageMax = 4 * 1024 * 1024;

  using Message = std::function<void(const NodeId& from, json::object& body)>;
  using Question = std::function<net::awaitable<json::value>(NodeId from, json::object body)>;
  // Whatever is empty is not told.
  struct Watcher {
    std::function<void()> on_connected;  // with the others, whoever they are
    std::function<void(const NodeId&)> on_come;
    std::function<void(const NodeId&)> on_gone;
    std::function<void()> on_cut;  // all others are gone at once: this server is on its own
  };

  // Messages that were dropped, for /metrics.
  struct Refusals {
    std::uint64_t forged = 0;     // not sealed by one of us, or heard before
    std::uint64_t oversized = 0;  // ours or another's
  };

  // `name`: what the ids of this server begin with. The references outlive this.
  Nodes(net::io_context& io, Redis& redis, const Seal& seal, std::string name, Random& random);
  ~Nodes();
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  // Before run(): who handles the messages and questions of this name, and who is told of nodes.
  void on(std::string name, Message handler) { messages_[std::move(name)] = std::move(handler); }
  void answer(std::string name, Question handler) {
    questions_[std::move(name)] = std::move(handler);
  }
  void watch(Watcher watcher) { watchers_.push_back(std::move(watcher)); }

  // Until the context is stopped.
  net::awaitable<void> listen();
  net::awaitable<void> beat();
  // Tells the others that this one goes, so that they need not find out; done when Redis has it.
  net::awaitable<void> leave();

  void send(const NodeId& to, std::string_view name, json::object body);
  void send_all(std::string_view name, json::object body);
  // nullopt: gone, cut, or no answer in kPatience.
  net::awaitable<std::optional<json::value>> ask(NodeId to, std::string name, json::object body);

  const Refusals& refusals() const { return refusals_; }
  const NodeId& self() const { return self_; }
  bool is_connected() const { return is_connected_; }
  std::size_t others() const { return heard_.size(); }
  bool knows(const NodeId& node) const { return heard_.contains(node); }
  std::vector<NodeId> known() const;  // the others
  // The key that is there while the node is.
  static std::string life_key(const NodeId& node) { return "webrtc-chat:node:" + node; }

 private:
  struct Pending;
  using Clock = std::chrono::steady_clock;

  net::awaitable<std::string> listen_once();
  void connected();
  void cut();
  void lose(const NodeId& node);
  void handle(std::string_view channel, std::string_view sealed);
  bool is_new(const NodeId& from, const json::object& message);
  void refuse(std::uint64_t& count, std::string_view reason);
  // nullopt: it is too large.
  std::optional<std::string> text_for(const std::string& channel, const json::object& message);
  void dispatch(const NodeId& from, json::object& message);
  void take_answer(const NodeId& from, json::object& body);
  net::awaitable<void> reply(NodeId from, json::object message);
  void publish(const std::string& channel, json::object message);
  json::object envelope(std::string_view name, json::object body);

  net::io_context& io_;
  Redis& redis_;
  const Seal& seal_;
  Random& random_;
  const std::string name_;
  NodeId self_;
  bool is_connected_ = false;
  std::shared_ptr<RedisLink> link_;  // that listens; null while there is none
  Clock::time_point echo_;           // when this node heard itself last
  std::map<std::string, Message, std::less<>> messages_;
  std::map<std::string, Question, std::less<>> questions_;
  std::vector<Watcher> watchers_;
  std::map<NodeId, Clock::time_point> heard_;  // the others
  std::uint64_t sent_ = 0;
  std::map<NodeId, std::uint64_t> counts_;  // of the latest message of each
  Refusals refusals_;
  Clock::time_point quiet_until_;  // in the log, about them
  std::uint64_t last_question_ = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<Pending>> pending_;
};

}  // namespace server::cluster
