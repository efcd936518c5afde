#include "cluster/redis.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/url/parse.hpp>
#include <charconv>
#include <deque>
#include <utility>

#include "telemetry/log.hpp"

namespace server::cluster {

namespace {

using namespace std::chrono_literals;
using net::ip::tcp;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr auto kPatience = 500ms;
constexpr auto kConnectPatience = 3s;
constexpr auto kBackOffFirst = 100ms;
constexpr auto kBackOffMost = 2000ms;
constexpr int kDatabaseMax = 1'000'000;

std::string command(const std::vector<std::string>& words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* bytes = nullptr;
  const int size =
      redisFormatCommandArgv(&bytes, static_cast<int>(words.size()), starts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  std::string formatted(bytes, static_cast<std::size_t>(size));
  redisFreeCommand(bytes);
  return formatted;
}

RedisReply to_reply(const redisReply& raw) {
  RedisReply reply{.is_error = raw.type == REDIS_REPLY_ERROR, .integer = 0, .text = {}};
  if (raw.type == REDIS_REPLY_INTEGER) reply.integer = raw.integer;
  if (raw.str != nullptr) reply.text.assign(raw.str, raw.len);
  return reply;
}

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};

}  // namespace

std::expected<RedisUrl, std::string> RedisUrl::parse(std::string_view text) {
  const auto allowed = [] { return std::unexpected("redis://[[user]:password@]host[:port][/db]"); };
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->scheme() != "redis" || url->encoded_host().empty()) return allowed();
  if (url->has_query() || url->has_fragment()) return allowed();
  RedisUrl parsed;
  parsed.host = url->host_address();
  if (url->has_port()) parsed.port = url->port();
  if (url->has_port() && url->port_number() == 0) return allowed();
  parsed.user = url->user();
  parsed.password = url->password();
  if (parsed.password.empty() && !parsed.user.empty()) return allowed();
  std::string_view path = url->encoded_path();
  if (path.starts_with('/')) path.remove_prefix(1);
  if (!path.empty()) {
    int database = -1;
    const auto [end, error] = std::from_chars(path.begin(), path.end(), database);
    const bool is_number = error == std::errc{} && end == path.end();
    if (!is_number || database < 0 || database > kDatabaseMax) return allowed();
    parsed.database = std::to_string(database);
  }
  return parsed;
}

// One connection. Kept by the coroutines that work on it, so that a new one is never mistaken for
// it.
struct Redis::Link {
  explicit Link(net::io_context& io) : socket(io), reader(redisReaderCreate()) {}

  struct Waiting {
    explicit Waiting(net::io_context& io) : signal(io) {}
    net::steady_timer signal;  // cancelled when the answer is there, or will never be
    std::optional<RedisReply> reply;
  };

  // The next answer; nullopt when the connection has ended or speaks something else.
  net::awaitable<std::optional<RedisReply>> read() {
    std::array<char, 4096> bytes{};
    for (;;) {
      void* raw = nullptr;
      if (redisReaderGetReply(reader.get(), &raw) != REDIS_OK) co_return std::nullopt;
      if (raw != nullptr) {
        const std::unique_ptr<void, FreeReply> owned(raw);
        co_return to_reply(*static_cast<const redisReply*>(raw));
      }
      const auto [error, size] = co_await socket.async_read_some(net::buffer(bytes), kQuiet);
      if (error) co_return std::nullopt;
      redisReaderFeed(reader.get(), bytes.data(), size);
    }
  }

  // One after the other, whatever was asked meanwhile in one piece.
  static net::awaitable<void> write(std::shared_ptr<Link> link) {
    link->is_writing = true;
    while (!link->outgoing.empty()) {
      const std::string bytes = std::exchange(link->outgoing, {});
      const auto [error, size] =
          co_await net::async_write(link->socket, net::buffer(bytes), kQuiet);
      if (error) link->close();
    }
    link->is_writing = false;
  }

  void close() {
    boost::system::error_code ignored;
    socket.close(ignored);
    outgoing.clear();
    for (const auto& one : std::exchange(waiting, {})) one->signal.cancel();
  }

  tcp::socket socket;
  std::unique_ptr<redisReader, FreeReader> reader;
  std::string outgoing;
  bool is_writing = false;
  std::deque<std::shared_ptr<Waiting>> waiting;  // in the order of their commands
};

Redis::Redis(net::io_context& io, RedisUrl url) : io_(io), url_(std::move(url)) {}
Redis::~Redis() = default;

net::awaitable<void> Redis::run() {
  net::steady_timer pause(io_);
  std::chrono::milliseconds back_off = kBackOffFirst;
  for (;;) {
    const auto link = std::make_shared<Link>(io_);
    const std::string reason = co_await serve(link);
    if (link_ != nullptr) back_off = kBackOffFirst;
    link_ = nullptr;
    link->close();
    report_away(reason);
    pause.expires_after(back_off);
    back_off = std::min(back_off * 2, kBackOffMost);
    const auto [error] = co_await pause.async_wait(kQuiet);
    if (error) co_return;
  }
}

void Redis::report_away(const std::string& reason) {
  if (std::exchange(is_away_, true)) return;
  log::warn("Redis is away, rate limits are counted by this server alone", {{"reason", reason}});
}

net::awaitable<std::string> Redis::serve(std::shared_ptr<Link> link) {
  if (std::string mistake = co_await open(*link); !mistake.empty()) co_return mistake;
  link_ = link;
  is_away_ = false;
  log::info("Redis is connected");
  for (;;) {
    auto reply = co_await link->read();
    if (!reply || link->waiting.empty()) co_return "the connection was lost";
    const auto first = std::move(link->waiting.front());
    link->waiting.pop_front();
    first->reply = std::move(reply);
    first->signal.cancel();
  }
}

net::awaitable<std::string> Redis::try_once() {
  Link link(io_);
  co_return co_await open(link);
}

net::awaitable<std::string> Redis::open(Link& link) {
  using namespace net::experimental::awaitable_operators;
  net::steady_timer patience(io_, kConnectPatience);
  auto greeted = co_await (greet(link) || patience.async_wait(kQuiet));
  if (greeted.index() == 1) co_return "no connection in time";
  co_return std::get<0>(std::move(greeted));
}

net::awaitable<std::string> Redis::greet(Link& link) {
  tcp::resolver resolver(io_);
  const auto [unknown, addresses] = co_await resolver.async_resolve(url_.host, url_.port, kQuiet);
  if (unknown) co_return unknown.message();
  const auto [refused, address] = co_await net::async_connect(link.socket, addresses, kQuiet);
  if (refused) co_return refused.message();
  link.socket.set_option(tcp::no_delay(true));

  std::vector<std::vector<std::string>> commands;
  if (!url_.password.empty()) {
    commands.push_back({"AUTH"});
    if (!url_.user.empty()) commands.back().push_back(url_.user);
    commands.back().push_back(url_.password);
  }
  commands.push_back({"SELECT", url_.database});
  for (const std::vector<std::string>& words : commands) {
    const std::string bytes = command(words);
    const auto [failed, size] = co_await net::async_write(link.socket, net::buffer(bytes), kQuiet);
    if (failed) co_return failed.message();
    const auto reply = co_await link.read();
    if (!reply) co_return "no answer to " + words.front();
    if (reply->is_error) co_return words.front() + ": " + reply->text;
  }
  co_return std::string();
}

net::awaitable<std::optional<RedisReply>> Redis::ask(std::vector<std::string> words) {
  const std::shared_ptr<Link> link = link_;
  if (link == nullptr || link->waiting.size() >= kWaitingMax) co_return std::nullopt;
  const auto mine = std::make_shared<Link::Waiting>(io_);
  link->waiting.push_back(mine);
  link->outgoing += command(words);
  if (!link->is_writing) net::co_spawn(io_, Link::write(link), net::detached);
  mine->signal.expires_after(kPatience);
  const auto [cancelled] = co_await mine->signal.async_wait(kQuiet);
  // Later answers are told apart by their order alone: who stays silent is left.
  if (!cancelled && !mine->reply) link->close();
  co_return std::move(mine->reply);
}

}  // namespace server::cluster
