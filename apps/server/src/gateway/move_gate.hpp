// The way to the slices, closed while a room moves to another server: what has begun is finished
// first, and what comes meanwhile waits.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace server::gateway {

namespace net = boost::asio;

// Control thread only. Outlives its holders and waiters.
class MoveGate {
 public:
  explicit MoveGate(net::io_context& io)
      : opened_(io, net::steady_timer::time_point::max()),
        emptied_(io, net::steady_timer::time_point::max()) {}

  // Whoever holds it is inside.
  class Pass {
   public:
    Pass(MoveGate& gate, bool has_waited) : has_waited(has_waited), gate_(&gate) { ++gate.inside_; }
    Pass(Pass&& other) noexcept
        : has_waited(other.has_waited), gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (gate_ != nullptr && --gate_->inside_ == 0) gate_->emptied_.cancel();
    }

    const bool has_waited;  // what was known before may not be true any more

   private:
    MoveGate* gate_;
  };

  // Opens the gate when it goes.
  class Closed {
   public:
    explicit Closed(MoveGate& gate) : gate_(&gate) {}
    Closed(Closed&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Closed& operator=(Closed&&) = delete;
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;
    ~Closed() {
      if (gate_ != nullptr) gate_->open();
    }

   private:
    MoveGate* gate_;
  };

  net::awaitable<Pass> pass() {
    bool has_waited = false;
    for (; is_closed_; has_waited = true) co_await opened_.async_wait(kQuiet);
    co_return Pass(*this, has_waited);
  }
  // Runs `work` now, or as soon as the gate is open, before anybody passes.
  void when_open(std::function<void()> work) {
    if (!is_closed_) return work();
    waiting_.push_back(std::move(work));
  }

  // Once it is open, so that one closes it at a time: nobody is inside any more. nullopt: somebody
  // still is after `patience`; the gate stays open.
  net::awaitable<std::optional<Closed>> close(Duration patience) {
    while (is_closed_) co_await opened_.async_wait(kQuiet);
    is_closed_ = true;
    Closed closed(*this);
    emptied_.expires_after(patience);
    if (inside_ > 0) co_await emptied_.async_wait(kQuiet);
    if (inside_ > 0) co_return std::nullopt;
    co_return std::move(closed);
  }
  bool is_closed() const { return is_closed_; }

 private:
  static constexpr auto kQuiet = net::as_tuple(net::use_awaitable);

  void open() {
    is_closed_ = false;
    for (const auto& work : std::exchange(waiting_, {})) work();
    opened_.cancel();
  }

  bool is_closed_ = false;
  std::size_t inside_ = 0;
  net::steady_timer opened_;   // cancelled when the gate opens
  net::steady_timer emptied_;  // cancelled when the last one has left
  std::vector<std::function<void()>> waiting_;
};

}  // namespace server::gateway
