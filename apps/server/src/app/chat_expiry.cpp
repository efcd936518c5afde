#include "app/chat_expiry.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace server::app {

namespace {

using namespace std::chrono_literals;

// The pause leaves the database, and SQLite's one writer, to the people.
std::chrono::milliseconds pause_after(const http::Result<bool>& has_more) {
  if (!has_more) return 1min;  // the database is away
  return *has_more ? std::chrono::milliseconds(200ms) : std::chrono::milliseconds(1h);
}

}  // namespace

net::awaitable<void> expire_chats(chat::ChatService& chat, std::chrono::days age) {
  net::steady_timer timer(co_await net::this_coro::executor);
  for (;;) {
    const auto has_more = co_await chat.remove_expired(age);
    timer.expires_after(pause_after(has_more));
    const auto [error] = co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    if (error) co_return;
  }
}

}  // namespace server::app
