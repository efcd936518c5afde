#include "cluster/nodes.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "telemetry/log.hpp"

namespace server::cluster {

namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr auto kPause = 250ms;
constexpr std::size_t kSuffixLength = 8;
constexpr auto kLogPause = 1min;
constexpr std::size_t kCountsMax = 10'000;  // nodes whose latest message is remembered
constexpr std::size_t kDepthMax = 64;       // what a client may send, 32, and what is around it
constexpr std::string_view kAllChannel = "webrtc-chat:all";

// Names of what the nodes tell each other about themselves.
constexpr std::string_view kHello = "hello";  // a new one: the others make themselves known
constexpr std::string_view kBeatName = "beat";
constexpr std::string_view kBye = "bye";
constexpr std::string_view kReply = "reply";

std::string channel_of(const NodeId& node) { return "webrtc-chat:to:" + node; }

const std::string kLifeText =
    std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(Nodes::kSilence).count());

}  // namespace

struct Nodes::Pending {
  Pending(net::io_context& io, NodeId node) : signal(io), to(std::move(node)) {}
  net::steady_timer signal;  // cancelled when the answer is there, or will never be
  NodeId to;
  std::optional<json::value> answer;
};

Nodes::Nodes(net::io_context& io, Redis& redis, const Seal& seal, std::string name, Random& random)
    : io_(io), redis_(redis), seal_(seal), random_(random), name_(std::move(name)) {
  // What was published last may be lost with the connection: the others must not go on without it.
  redis_.on_lost([this] {
    if (link_ != nullptr) link_->close();
  });
}

Nodes::~Nodes() = default;

net::awaitable<void> Nodes::listen() {
  net::steady_timer pause(io_);
  for (;;) {
    if (redis_.is_connected()) {
      const std::string reason = co_await listen_once();
      if (std::exchange(is_connected_, false)) {
        log::warn("cut off from the other servers", {{"reason", reason}});
        cut();
      }
    }
    pause.expires_after(kPause);
    const auto [error] = co_await pause.async_wait(kQuiet);
    if (error) co_return;
  }
}

net::awaitable<std::string> Nodes::listen_once() {
  link_ = std::make_shared<RedisLink>(io_);
  const std::shared_ptr<RedisLink> link = link_;
  std::string mistake = co_await link->open(redis_.url());
  if (mistake.empty()) {
    self_ = name_ + "." + random_.url_safe(kSuffixLength);
    link->send({"SUBSCRIBE", channel_of(self_), std::string(kAllChannel)});
    mistake = "the connection was lost";
    while (const auto reply = co_await link->read()) {
      if (reply->is_error) mistake = reply->text;
      if (reply->items.size() != 3) break;
      const std::string& kind = reply->items[0].text;
      const RedisReply& content = reply->items[2];
      if (kind == "subscribe" && content.integer == 2) connected();
      if (kind == "message") handle(reply->items[1].text, content.text);
    }
  }
  link->close();
  link_ = nullptr;
  co_return mistake;
}

void Nodes::connected() {
  is_connected_ = true;
  echo_ = Clock::now();
  log::info("one of several servers", {{"node", self_}});
  redis_.tell({"SET", life_key(self_), "1", "PX", kLifeText});
  send_all(kHello, {});
  for (const Watcher& watcher : watchers_) {
    if (watcher.on_connected) watcher.on_connected();
  }
}

void Nodes::cut() {
  redis_.tell({"DEL", life_key(self_)});
  heard_.clear();
  for (const auto& [id, pending] : std::exchange(pending_, {})) pending->signal.cancel();
  for (const Watcher& watcher : watchers_) {
    if (watcher.on_cut) watcher.on_cut();
  }
}

net::awaitable<void> Nodes::leave() {
  if (!is_connected_) co_return;
  send_all(kBye, {});
  is_connected_ = false;
  co_await redis_.ask({"DEL", life_key(self_)});
}

net::awaitable<void> Nodes::beat() {
  net::steady_timer pause(io_);
  Clock::time_point before = Clock::now();
  for (;;) {
    pause.expires_after(kBeat);
    const auto [error] = co_await pause.async_wait(kQuiet);
    if (error) co_return;
    const Clock::time_point now = Clock::now();
    const bool stood_still = now - std::exchange(before, now) > kStandstill;
    if (!is_connected_) continue;
    if (stood_still || now - echo_ > kSilence) {
      if (link_ != nullptr) link_->close();
      continue;
    }
    redis_.tell({"SET", life_key(self_), "1", "PX", kLifeText});
    send_all(kBeatName, {});
    std::vector<NodeId> silent;
    for (const auto& [node, at] : heard_) {
      if (now - at > kSilence) silent.push_back(node);
    }
    for (const NodeId& node : silent) lose(node);
  }
}

std::vector<NodeId> Nodes::known() const {
  std::vector<NodeId> nodes;
  for (const auto& [node, at] : heard_) nodes.push_back(node);
  return nodes;
}

void Nodes::lose(const NodeId& node) {
  if (heard_.erase(node) == 0) return;
  log::info("another server has gone", {{"node", node}});
  std::erase_if(pending_, [&](const auto& one) {
    const bool is_lost = one.second->to == node;
    if (is_lost) one.second->signal.cancel();
    return is_lost;
  });
  for (const Watcher& watcher : watchers_) {
    if (watcher.on_gone) watcher.on_gone(node);
  }
}

// By `count` a message that is heard a second time is known as a copy.
json::object Nodes::envelope(std::string_view name, json::object body) {
  return {{"from", self_}, {"count", ++sent_}, {"name", name}, {"body", std::move(body)}};
}

std::optional<std::string> Nodes::text_for(const std::string& channel,
                                           const json::object& message) {
  const std::string text = json::serialize(message);
  if (text.size() <= kMessageMax) return seal_.close(channel, text);
  refuse(refusals_.oversized, "too large to be sent");
  return std::nullopt;
}

void Nodes::publish(const std::string& channel, json::object message) {
  if (auto text = text_for(channel, message)) redis_.tell({"PUBLISH", channel, std::move(*text)});
}

void Nodes::send(const NodeId& to, std::string_view name, json::object body) {
  if (is_connected_) publish(channel_of(to), envelope(name, std::move(body)));
}

void Nodes::send_all(std::string_view name, json::object body) {
  if (is_connected_) publish(std::string(kAllChannel), envelope(name, std::move(body)));
}

net::awaitable<std::optional<json::value>> Nodes::ask(NodeId to, std::string name,
                                                      json::object body) {
  if (!is_connected_) co_return std::nullopt;
  const std::uint64_t id = ++last_question_;
  json::object message = envelope(name, std::move(body));
  message["question"] = id;
  auto text = text_for(channel_of(to), message);
  if (!text) co_return std::nullopt;
  const auto mine = std::make_shared<Pending>(io_, to);
  pending_.emplace(id, mine);
  mine->signal.expires_after(kPatience);
  std::vector<std::string> words{"PUBLISH", channel_of(to), std::move(*text)};
  const auto heard = co_await redis_.ask(std::move(words));
  // The answer may be here before Redis has said how many heard the question: none, when gone.
  if (heard && heard->integer > 0 && !mine->answer && pending_.contains(id)) {
    co_await mine->signal.async_wait(kQuiet);
  }
  pending_.erase(id);
  co_return std::move(mine->answer);
}

void Nodes::refuse(std::uint64_t& count, std::string_view reason) {
  ++count;
  const Clock::time_point now = Clock::now();
  if (now < quiet_until_) return;
  quiet_until_ = now + kLogPause;
  log::warn("a message between servers is refused",
            {{"reason", reason},
             {"forged", std::to_string(refusals_.forged)},
             {"oversized", std::to_string(refusals_.oversized)}});
}

bool Nodes::is_new(const NodeId& from, const json::object& message) {
  const auto count = message.at("count").to_number<std::uint64_t>();
  if (counts_.size() >= kCountsMax) {
    std::erase_if(counts_, [this](const auto& one) { return !heard_.contains(one.first); });
  }
  std::uint64_t& last = counts_[from];
  if (count <= last) return false;
  last = count;
  return true;
}

void Nodes::handle(std::string_view channel, std::string_view sealed) {
  if (sealed.size() > kMessageMax + Seal::kMacLength) {
    return refuse(refusals_.oversized, "too large");
  }
  const auto text = seal_.open(channel, sealed);
  if (!text) return refuse(refusals_.forged, "not of a server with our secret");
  boost::system::error_code wrong;
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::value parsed = json::parse(*text, wrong, {}, options);
  const json::object* message = parsed.if_object();
  const json::value* from = message == nullptr ? nullptr : message->if_contains("from");
  if (wrong || from == nullptr || !from->is_string()) {
    return log::warn("a message to this server is not one", {{"reason", wrong.message()}});
  }
  const NodeId node(from->get_string());
  try {
    if (!is_new(node, *message)) return refuse(refusals_.forged, "a copy of an earlier one");
    dispatch(node, parsed.as_object());
  } catch (const std::exception& error) {
    log::error("a message of another server failed", {{"node", node}, {"error", error.what()}});
  }
}

void Nodes::dispatch(const NodeId& from, json::object& message) {
  const std::string name(message.at("name").as_string());
  if (from == self_) {
    echo_ = Clock::now();
    return;
  }
  if (name == kBye) return lose(from);
  const bool is_new = !heard_.contains(from);
  heard_[from] = Clock::now();
  if (is_new) {
    log::info("another server is there", {{"node", from}});
    for (const Watcher& watcher : watchers_) {
      if (watcher.on_come) watcher.on_come(from);
    }
  }
  if (name == kHello) return send(from, kBeatName, {});
  if (name == kReply) return take_answer(from, message.at("body").as_object());
  if (message.contains("question")) {
    net::co_spawn(io_, reply(from, std::move(message)), [](std::exception_ptr failure) {
      if (failure) log::error("an answer to another server failed");
    });
    return;
  }
  const auto handler = messages_.find(name);
  if (handler != messages_.end()) handler->second(from, message.at("body").as_object());
}

void Nodes::take_answer(const NodeId& from, json::object& body) {
  const auto found = pending_.find(body.at("question").to_number<std::uint64_t>());
  if (found == pending_.end() || found->second->to != from) return;
  found->second->answer = std::move(body.at("answer"));
  found->second->signal.cancel();
  pending_.erase(found);
}

net::awaitable<void> Nodes::reply(NodeId from, json::object message) {
  const json::value question = message.at("question");
  const auto handler = questions_.find(std::string(message.at("name").as_string()));
  if (handler == questions_.end()) co_return;
  json::value answer;
  try {
    answer = co_await handler->second(from, std::move(message.at("body").as_object()));
  } catch (const std::exception& error) {
    log::error("a question of another server failed", {{"error", error.what()}});
  }
  send(from, kReply, {{"question", question}, {"answer", std::move(answer)}});
}

}  // namespace server::cluster
