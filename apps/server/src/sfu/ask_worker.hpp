// A question to a media worker from the control thread.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <type_traits>

#include "sfu/media_worker.hpp"

namespace server::sfu {

namespace net = boost::asio;

// Runs `work(Instant, rtc::MediaEngine&, rtc::Outbox&)` on the worker's thread and resumes with
// what it returned, on the caller's executor; nullopt when too many commands wait already. Control
// plane only: two allocations and two changes of thread. The worker outlives the question.
template <class Work>
net::awaitable<std::optional<std::invoke_result_t<Work&, Instant, rtc::MediaEngine&, rtc::Outbox&>>>
ask_worker(MediaWorker& worker, Work work) {
  using Result =
      std::optional<std::invoke_result_t<Work&, Instant, rtc::MediaEngine&, rtc::Outbox&>>;
  const net::any_io_executor home = co_await net::this_coro::executor;
  auto initiate = [&worker, home](auto handler, Work moved) {
    // Commands are copyable functions, and handlers are not.
    auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
    auto shared = std::make_shared<Work>(std::move(moved));
    const auto answer = [home, waiting](Result result) {
      net::post(home, [waiting, result = std::move(result)]() mutable {
        std::move (*waiting)(std::move(result));
      });
    };
    const bool is_taken =
        worker.post([shared, answer](Instant now, rtc::MediaEngine& engine, rtc::Outbox& out) {
          answer((*shared)(now, engine, out));
        });
    if (!is_taken) answer(std::nullopt);
  };
  co_return co_await net::async_initiate<const net::use_awaitable_t<>, void(Result)>(
      std::move(initiate), net::use_awaitable, std::move(work));
}

}  // namespace server::sfu
