#include "gateway_world.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace server::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);

http::ListenOptions on_loopback() {
  http::ListenOptions options;
  options.host = "127.0.0.1";
  return options;
}

GatewayOptions counted(GatewayOptions options, http::Addresses& addresses) {
  options.budget_of = [&addresses](const IpAddress& client) { return addresses.budget_of(client); };
  return options;
}

}  // namespace

net::awaitable<void> Gate::passed() {
  while (!is_open_) co_await timer_.async_wait(kQuiet);
}

void Gate::open() {
  is_open_ = true;
  timer_.cancel();
}

net::awaitable<bool> Client::read_more() {
  std::array<char, 4096> buffer;
  const auto [error, size] = co_await socket_.async_read_some(net::buffer(buffer), kQuiet);
  unread_.append(buffer.data(), size);
  co_return !error;
}

net::awaitable<void> Client::connect(std::uint16_t port) {
  socket_.open(tcp::v4());
  if (takes_little_) socket_.set_option(tcp::socket::receive_buffer_size(65'536));
  co_await socket_.async_connect({net::ip::address_v4::loopback(), port}, net::use_awaitable);
}

net::awaitable<void> Client::send(std::uint16_t port, std::string octets) {
  if (!socket_.is_open()) co_await connect(port);
  co_await net::async_write(socket_, net::buffer(octets), kQuiet);
}

net::awaitable<std::string> Client::read_until(std::string_view end) {
  while (unread_.find(end) == std::string::npos) {
    if (!co_await read_more()) break;
  }
  co_return std::exchange(unread_, {});
}

net::awaitable<unsigned> Client::open(std::uint16_t port, std::string headers) {
  co_await connect(port);
  const std::string request =
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      headers + "\r\n";
  co_await net::async_write(socket_, net::buffer(request), net::use_awaitable);
  while (unread_.find("\r\n\r\n") == std::string::npos) {
    if (!co_await read_more()) co_return 0;
  }
  const unsigned status = static_cast<unsigned>(std::stoul(unread_.substr(9, 3)));
  unread_.erase(0, unread_.find("\r\n\r\n") + 4);
  if (status == 101) co_await hear();  // the open packet
  co_return status;
}

net::awaitable<void> Client::say(std::string text) {
  const bool is_huge = text.size() > 0xFFFF;
  std::string frame{'\x81', is_huge ? '\xFF' : '\xFE'};
  for (int shift = is_huge ? 56 : 8; shift >= 0; shift -= 8) {
    frame += static_cast<char>(text.size() >> shift & 0xFF);
  }
  frame += std::string(4, '\0') + text;  // a mask of zeros
  co_await net::async_write(socket_, net::buffer(frame), kQuiet);
}

net::awaitable<void> Client::control(char opcode) {
  const std::string frame{opcode, '\x80', 0, 0, 0, 0};
  co_await net::async_write(socket_, net::buffer(frame), kQuiet);
}

net::awaitable<std::string> Client::hear() {
  for (;;) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(unread_[i]); };
    if (unread_.size() >= 2) {
      const std::size_t header = octet(1) == 127 ? 10 : octet(1) == 126 ? 4 : 2;
      const bool has_header = unread_.size() >= header;
      std::size_t size = header == 2 ? octet(1) : 0;
      for (std::size_t i = 2; has_header && i < header; ++i) size = size << 8 | octet(i);
      if (has_header && unread_.size() >= header + size) {
        const bool is_close = octet(0) == 0x88;
        std::string text = unread_.substr(header, size);
        unread_.erase(0, header + size);
        if (is_close) co_return "closed";
        if (text != "2") co_return text;
        co_await say("3");
        continue;
      }
    }
    if (!co_await read_more()) co_return "closed";
  }
}

net::awaitable<bool> PollingClient::open() {
  co_await socket_.async_connect({net::ip::address_v4::loopback(), port_}, net::use_awaitable);
  const std::string request =
      "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";
  co_await net::async_write(socket_, net::buffer(request), net::use_awaitable);
  const std::string opened = co_await answer();
  if (!opened.starts_with("0{")) co_return false;
  sid_ = json::parse(opened.substr(1)).at("sid").as_string();
  co_return true;
}

net::awaitable<void> PollingClient::post(std::string body) {
  const std::string request = "POST /socket.io/?EIO=4&transport=polling&sid=" + sid_ +
                              " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n" +
                              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  co_await net::async_write(socket_, net::buffer(request), net::use_awaitable);
}

net::awaitable<std::string> PollingClient::answer() {
  boost::beast::flat_buffer buffer;
  boost::beast::http::response<boost::beast::http::string_body> response;
  co_await boost::beast::http::async_read(socket_, buffer, response, net::use_awaitable);
  co_return std::move(response.body());
}

GatewayWorld::GatewayWorld(GatewayOptions options, http::AddressLimits limits)
    : addresses(options.rate_limit, limits),
      gateway(io, random, counted(std::move(options), addresses)),
      router({.routes = {},
              .authenticate = {},
              .fallback = {},
              .origins = http::Origins("http://localhost", {}),
              .content_security_policy = {}}),
      context{.router = router,
              .doorways = {gateway.doorway()},
              .trust = http::ProxyTrust({}),
              .connections = connections,
              .addresses = addresses,
              .limits = {},
              .request_ids = {}},
      listener(io, on_loopback()) {
  using Answer = std::expected<void, ConnectRefused>;
  handlers.on_connect = [this](SocketId, const Handshake& handshake) -> net::awaitable<Answer> {
    log.push_back("connect " + json::serialize(handshake.auth));
    co_return Answer{};
  };
  handlers.on_recover = [this](SocketId, const Handshake& handshake) -> net::awaitable<Answer> {
    log.push_back("recover " + json::serialize(handshake.auth));
    co_return Answer{};
  };
  handlers.on_event = [this](ClientEvent event) -> net::awaitable<void> {
    log.push_back(event.name + json::serialize(event.args));
    if (event.ack) gateway.acknowledge(event.socket, *event.ack, {{"ok", true}});
    co_return;
  };
  handlers.on_disconnect = [this](const SocketId&, const Disconnect& why) {
    log.push_back(std::string(why.reason) + (why.recoverable ? " (kept)" : ""));
  };
  handlers.on_expired = [this](const SocketId&) { log.emplace_back("expired"); };
}

void GatewayWorld::run(net::awaitable<void> test) {
  gateway.set_handlers(handlers);
  listener.start(context);
  std::exception_ptr failure;
  bool is_done = false;
  net::co_spawn(io, std::move(test), [&](std::exception_ptr error) {
    failure = error;
    is_done = true;
    io.stop();
  });
  io.run_for(20s);
  // Sessions refer to this world, which ends before the io_context that has their frames.
  listener.close();
  connections.cut();
  io.restart();
  while (connections.count() > 0 && io.run_one_for(1s) > 0) {
  }
  EXPECT_TRUE(is_done) << "the test did not end in time";
  if (failure) std::rethrow_exception(failure);
}

net::awaitable<std::string> GatewayWorld::join(Client& client, std::string connect) {
  const unsigned status = co_await client.open(listener.port());
  EXPECT_EQ(status, 101U);
  co_await client.say(std::move(connect));
  co_return co_await client.hear();
}

net::awaitable<void> GatewayWorld::until(std::function<bool()> is_so) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  net::steady_timer pause(io);
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited too long");
    pause.expires_after(5ms);
    co_await pause.async_wait(net::use_awaitable);
  }
}

}  // namespace server::gateway
