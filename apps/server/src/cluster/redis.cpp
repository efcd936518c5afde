#include "cluster/redis.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "telemetry/log.hpp"

namespace server::cluster {

namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr auto kPatience = 500ms;
constexpr auto kBackOffFirst = 100ms;
constexpr auto kBackOffMost = 2000ms;

}  // namespace

net::awaitable<void> Redis::run() {
  net::steady_timer pause(io_);
  std::chrono::milliseconds back_off = kBackOffFirst;
  for (;;) {
    const auto link = std::make_shared<RedisLink>(io_);
    const std::string reason = co_await serve(link);
    link->close();
    report_away(reason);
    if (link_ != nullptr) {
      back_off = kBackOffFirst;
      lose();
    }
    pause.expires_after(back_off);
    back_off = std::min(back_off * 2, kBackOffMost);
    const auto [error] = co_await pause.async_wait(kQuiet);
    if (error) co_return;
  }
}

void Redis::lose() {
  link_ = nullptr;
  for (const auto& one : std::exchange(waiting_, {})) {
    if (one != nullptr) one->signal.cancel();
  }
  if (on_lost_) on_lost_();
}

void Redis::report_away(const std::string& reason) {
  if (std::exchange(is_away_, true)) return;
  log::warn("Redis is away, this server is on its own", {{"reason", reason}});
}

net::awaitable<std::string> Redis::serve(std::shared_ptr<RedisLink> link) {
  if (std::string mistake = co_await link->open(url_); !mistake.empty()) co_return mistake;
  link_ = link;
  is_away_ = false;
  log::info("Redis is connected");
  for (;;) {
    auto reply = co_await link->read();
    if (!reply || waiting_.empty()) co_return "the connection was lost";
    const auto first = std::move(waiting_.front());
    waiting_.pop_front();
    if (first == nullptr) continue;
    first->reply = std::move(reply);
    first->signal.cancel();
  }
}

net::awaitable<std::string> Redis::try_once() {
  const auto link = std::make_shared<RedisLink>(io_);
  std::string mistake = co_await link->open(url_);
  link->close();
  co_return mistake;
}

net::awaitable<std::optional<RedisReply>> Redis::ask(std::vector<std::string> words) {
  const std::shared_ptr<RedisLink> link = link_;
  if (link == nullptr || waiting_.size() >= kWaitingMax) co_return std::nullopt;
  const auto mine = std::make_shared<Waiting>(io_);
  waiting_.push_back(mine);
  link->send(words);
  mine->signal.expires_after(kPatience);
  const auto [cancelled] = co_await mine->signal.async_wait(kQuiet);
  // Later answers are told apart by their order alone: who stays silent is left.
  if (!cancelled && !mine->reply) link->close();
  co_return std::move(mine->reply);
}

bool Redis::tell(const std::vector<std::string>& words) {
  if (link_ == nullptr || waiting_.size() >= kWaitingMax) return false;
  waiting_.push_back(nullptr);
  link_->send(words);
  return true;
}

}  // namespace server::cluster
