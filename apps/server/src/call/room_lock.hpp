// One at a time in a room, in the order of asking: what makes "stored, then sent" and "history,
// then live" the same order for everyone.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <utility>

namespace server::call {

namespace net = boost::asio;

// Control thread only. Outlives its holders and waiters.
class RoomLock {
 public:
  // Held until destroyed.
  class Hold {
   public:
    explicit Hold(RoomLock& lock) : lock_(&lock) {}
    Hold(Hold&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (lock_ != nullptr) lock_->release();
    }

   private:
    RoomLock* lock_;
  };

  net::awaitable<Hold> acquire() {
    if (!std::exchange(taken_, true)) co_return Hold(*this);
    // A timer that never ends is the doorbell: whoever lets go rings the first of the queue.
    auto bell = std::make_shared<net::steady_timer>(co_await net::this_coro::executor,
                                                    net::steady_timer::time_point::max());
    queue_.push_back(bell);
    co_await bell->async_wait(net::as_tuple(net::use_awaitable));
    co_return Hold(*this);
  }

 private:
  void release() {
    if (queue_.empty()) {
      taken_ = false;
      return;
    }
    queue_.front()->cancel();  // the lock stays taken: it passes on
    queue_.pop_front();
  }

  bool taken_ = false;
  std::deque<std::shared_ptr<net::steady_timer>> queue_;
};

}  // namespace server::call
