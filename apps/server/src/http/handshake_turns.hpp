// When a TLS handshake may begin: one after the other at a pace that leaves the control thread to
// everybody else.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "http/fair_queue.hpp"

namespace server::http {

namespace net = boost::asio;

// Control thread only. Outlived by `io`.
class HandshakeTurns {
 public:
  // An RSA handshake takes about a millisecond (bench/tls): they have a quarter of the thread.
  static constexpr Duration kPace = std::chrono::milliseconds{4};
  static constexpr std::size_t kWaitingPerAddressMax = 256;
  static constexpr std::size_t kWaitingMax = 4096;

  explicit HandshakeTurns(net::io_context& io) : io_(io), pause_(io) {}

  // Waits for a turn, addresses one after the other (of IPv6 the /64). False when as many of this
  // address, or of all, wait already.
  net::awaitable<bool> take(IpAddress client);

  std::uint64_t refused() const { return refused_; }

 private:
  net::awaitable<void> give_turns();

  net::io_context& io_;
  net::steady_timer pause_;
  Instant next_;  // the earliest for the next turn
  FairQueue<std::shared_ptr<net::steady_timer>> waiting_{kWaitingPerAddressMax, kWaitingMax};
  bool is_giving_ = false;
  std::uint64_t refused_ = 0;
};

}  // namespace server::http
