#include "cluster/redis_link.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <new>
#include <utility>

namespace server::cluster {

namespace {

using namespace std::chrono_literals;
using net::ip::tcp;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr auto kConnectPatience = 3s;
constexpr std::size_t kReadAtOnce = 64 * 1024;

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
  RedisReply reply{
      .is_error = raw.type == REDIS_REPLY_ERROR, .integer = 0, .text = {}, .items = {}};
  if (raw.type == REDIS_REPLY_INTEGER) reply.integer = raw.integer;
  if (raw.str != nullptr) reply.text.assign(raw.str, raw.len);
  for (std::size_t i = 0; i < raw.elements; ++i) reply.items.push_back(to_reply(*raw.element[i]));
  return reply;
}

struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};

}  // namespace

RedisLink::RedisLink(net::io_context& io) : io_(io), socket_(io), reader_(redisReaderCreate()) {}

net::awaitable<std::string> RedisLink::open(const RedisUrl& url) {
  using namespace net::experimental::awaitable_operators;
  net::steady_timer patience(io_, kConnectPatience);
  auto greeted = co_await (greet(url) || patience.async_wait(kQuiet));
  if (greeted.index() == 1) co_return "no connection in time";
  co_return std::get<0>(std::move(greeted));
}

net::awaitable<std::string> RedisLink::greet(const RedisUrl& url) {
  tcp::resolver resolver(io_);
  const auto [unknown, addresses] = co_await resolver.async_resolve(url.host, url.port, kQuiet);
  if (unknown) co_return unknown.message();
  const auto [refused, address] = co_await net::async_connect(socket_, addresses, kQuiet);
  if (refused) co_return refused.message();
  socket_.set_option(tcp::no_delay(true));

  std::vector<std::vector<std::string>> commands;
  if (!url.password.empty()) {
    commands.push_back({"AUTH"});
    if (!url.user.empty()) commands.back().push_back(url.user);
    commands.back().push_back(url.password);
  }
  commands.push_back({"SELECT", url.database});
  for (const std::vector<std::string>& words : commands) {
    const std::string bytes = command(words);
    const auto [failed, size] = co_await net::async_write(socket_, net::buffer(bytes), kQuiet);
    if (failed) co_return failed.message();
    const auto reply = co_await read();
    if (!reply) co_return "no answer to " + words.front();
    if (reply->is_error) co_return words.front() + ": " + reply->text;
  }
  co_return std::string();
}

net::awaitable<std::optional<RedisReply>> RedisLink::read() {
  std::array<char, kReadAtOnce> bytes{};
  for (;;) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) co_return std::nullopt;
    if (raw != nullptr) {
      const std::unique_ptr<void, FreeReply> owned(raw);
      co_return to_reply(*static_cast<const redisReply*>(raw));
    }
    const auto [error, size] = co_await socket_.async_read_some(net::buffer(bytes), kQuiet);
    if (error) co_return std::nullopt;
    redisReaderFeed(reader_.get(), bytes.data(), size);
  }
}

void RedisLink::send(const std::vector<std::string>& words) {
  outgoing_ += command(words);
  if (outgoing_.size() > kOutgoingMax) return close();
  if (!is_writing_) net::co_spawn(io_, write(shared_from_this()), net::detached);
}

// One after the other, whatever was sent meanwhile in one piece.
net::awaitable<void> RedisLink::write(std::shared_ptr<RedisLink> link) {
  link->is_writing_ = true;
  while (!link->outgoing_.empty()) {
    const std::string bytes = std::exchange(link->outgoing_, {});
    const auto [error, size] = co_await net::async_write(link->socket_, net::buffer(bytes), kQuiet);
    if (error) link->close();
  }
  link->is_writing_ = false;
}

void RedisLink::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  outgoing_.clear();
}

}  // namespace server::cluster
