#include "http/handshake_turns.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "http/rate_limiter.hpp"
#include "http/session.hpp"

namespace server::http {

namespace {

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);

}  // namespace

net::awaitable<bool> HandshakeTurns::take(IpAddress client) {
  const Instant now = steady_now();
  if (waiting_.empty() && now >= next_) {
    next_ = now + kPace;
    co_return true;
  }
  const auto turn = std::make_shared<net::steady_timer>(io_, net::steady_timer::time_point::max());
  if (!waiting_.push(address_key(client), turn)) {
    ++refused_;
    co_return false;
  }
  if (!is_giving_) {
    is_giving_ = true;
    net::co_spawn(io_, give_turns(), net::detached);
  }
  co_await turn->async_wait(kQuiet);  // until give_turns() cancels it
  co_return true;
}

net::awaitable<void> HandshakeTurns::give_turns() {
  while (!waiting_.empty()) {
    pause_.expires_after(next_ - steady_now());
    co_await pause_.async_wait(kQuiet);
    next_ = steady_now() + kPace;
    if (const auto turn = waiting_.pop()) (*turn)->cancel();
  }
  is_giving_ = false;
}

}  // namespace server::http
