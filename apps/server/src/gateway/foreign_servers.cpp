#include "gateway/foreign_servers.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace server::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr auto kPause = 250ms;
constexpr auto kLogPause = 1min;
constexpr std::size_t kUidLength = 6;  // as the stock adapter's

std::string_view name_of(sio::AdapterError error) {
  switch (error) {
    case sio::AdapterError::Malformed:
      return "malformed";
    case sio::AdapterError::TooLarge:
      return "too large";
    case sio::AdapterError::Busy:
      return "too many acknowledgements are awaited";
  }
  return {};
}

}  // namespace

// When this server is cut off from its own kind, nobody knows whether the connection here lives.
ForeignServers::ForeignServers(net::io_context& io, SioGateway& sockets, cluster::Redis& redis,
                               cluster::Nodes& nodes, sio::RedisAdapter::Describe describe,
                               Random& random)
    : io_(io),
      sockets_(sockets),
      redis_(redis),
      adapter_(sockets.meet({.uid = random.url_safe(kUidLength),
                             .describe = std::move(describe),
                             .publish = [this](sio::Publication said) {
                               redis_.tell({"PUBLISH", said.channel, said.message});
                             }})) {
  nodes.watch({.on_cut = [this] {
    if (link_ != nullptr) link_->close();
  }});
}

net::awaitable<void> ForeignServers::listen() {
  net::steady_timer pause(io_);
  for (;;) {
    if (redis_.is_connected()) co_await listen_once();
    pause.expires_after(kPause);
    const auto [error] = co_await pause.async_wait(kQuiet);
    if (error) co_return;
  }
}

net::awaitable<void> ForeignServers::listen_once() {
  link_ = std::make_shared<cluster::RedisLink>(io_);
  const std::shared_ptr<cluster::RedisLink> link = link_;
  const std::string mistake = co_await link->open(redis_.url());
  if (mistake.empty()) {
    std::vector<std::string> words = adapter_.channels();
    words.insert(words.begin(), "SUBSCRIBE");
    link->send({"PSUBSCRIBE", adapter_.pattern()});
    link->send(words);
    while (const auto reply = co_await link->read()) hear(*reply);
  }
  link->close();
  link_ = nullptr;
}

void ForeignServers::hear(const cluster::RedisReply& reply) {
  const auto& items = reply.items;
  const bool by_pattern = items.size() == 4 && items[0].text == "pmessage";
  const bool by_name = items.size() == 3 && items[0].text == "message";
  if (!by_pattern && !by_name) return;
  const std::string& channel = items[items.size() - 2].text;
  const auto done = sockets_.hear(channel, items.back().text);
  if (!done) complain(done.error(), channel);
}

void ForeignServers::complain(sio::AdapterError error, std::string_view channel) {
  ++refused_;
  const Instant now = http::steady_now();
  if (now < quiet_until_) return;
  quiet_until_ = now + kLogPause;
  log::warn("a message of the Redis adapter's format is refused",
            {{"reason", name_of(error)},
             {"channel", channel},
             {"count", std::to_string(std::exchange(refused_, 0))}});
}

}  // namespace server::gateway
