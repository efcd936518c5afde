// A gateway behind a real listener on loopback, and raw Socket.IO clients of it, all in one thread.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/sio_gateway.hpp"
#include "http/listener.hpp"

namespace server::gateway {

using tcp = net::ip::tcp;

// Lets one coroutine wait until another opens it.
class Gate {
 public:
  explicit Gate(net::io_context& io) : timer_(io, net::steady_timer::time_point::max()) {}
  net::awaitable<void> passed();
  void open();

 private:
  bool is_open_ = false;
  net::steady_timer timer_;
};

class Client {
 public:
  explicit Client(net::io_context& io) : socket_(io) {}

  // Plain HTTP: connects once, sends these octets.
  net::awaitable<void> send(std::uint16_t port, std::string octets);
  // Reads until the peer closes or `end` has come; what was read.
  net::awaitable<std::string> read_until(std::string_view end);

  // Sends the upgrade request; the status of the answer.
  net::awaitable<unsigned> open(std::uint16_t port, std::string headers = {});
  net::awaitable<void> say(std::string text);
  net::awaitable<void> ping() { return control('\x89'); }
  net::awaitable<void> pong() { return control('\x8A'); }
  // The next message that is no Engine.IO ping; "" for a Ping or Pong frame, "closed" at the end.
  net::awaitable<std::string> hear();
  void cut() { socket_.close(); }
  // Before open(): the system takes little for this client, so that what it does not read stays
  // with the server.
  void take_little() { takes_little_ = true; }

 private:
  net::awaitable<void> connect(std::uint16_t port);
  net::awaitable<bool> read_more();
  net::awaitable<void> control(char opcode);

  tcp::socket socket_;
  bool takes_little_ = false;
  std::string unread_;
};

// A client of long polling, one request at a time.
class PollingClient {
 public:
  PollingClient(net::io_context& io, std::uint16_t port) : socket_(io), port_(port) {}

  // Opens a session; true once it has its `sid`.
  net::awaitable<bool> open();
  // Sends a POST; reads no answer.
  net::awaitable<void> post(std::string body);
  // The body of the next answer.
  net::awaitable<std::string> answer();
  void cut() { socket_.close(); }

 private:
  tcp::socket socket_;
  std::uint16_t port_;
  std::string sid_;
};

class GatewayWorld : public testing::Test {
 protected:
  explicit GatewayWorld(GatewayOptions options = {.rate_limit = false},
                        http::AddressLimits limits = {});

  // Runs the test's coroutine to its end, at most 20 s.
  void run(net::awaitable<void> test);
  // A client past the CONNECT reply, which it gives.
  net::awaitable<std::string> join(Client& client, std::string connect = "40");
  // Waits until `is_so`; fails the test after 10 s.
  net::awaitable<void> until(std::function<bool()> is_so);

  net::io_context io{1};
  SecureRandom random;
  http::Addresses addresses;
  SioGateway gateway;
  http::Router router;
  http::Connections connections;
  http::SessionContext context;
  http::Listener listener;
  std::vector<std::string> log;  // what the handlers were told
  Handlers handlers;             // note into `log`; a test may replace some before run()
};

}  // namespace server::gateway
