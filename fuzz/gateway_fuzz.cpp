// Clients of the Socket.IO door over loopback sockets: they poll, upgrade and use WebSocket, send
// what may be no packet, tear their connections in the middle of anything, and send more events
// than the slow handlers behind the door work off. Each step is an octet that says which client
// does what, and octets for it, led by their size.
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "gateway/sio_gateway.hpp"
#include "heap_budget.hpp"
#include "http/listener.hpp"
#include "tcp_client.hpp"

namespace {

using fuzz::require;
using Wire = fuzz::TcpClient;
namespace gateway = server::gateway;
namespace http = server::http;
namespace json = boost::json;
namespace net = boost::asio;

constexpr std::size_t kClients = 4;
constexpr std::size_t kStepsMax = 128;
constexpr std::size_t kRepeatMax = 100;  // events of one flood
// What the door may hold for kClients who send some thousand octets each: buffers of connections,
// and what waits for slow handlers and slow readers.
constexpr std::size_t kHeldMax = 16 * 1024 * 1024;

constexpr std::string_view kPolling = "/socket.io/?EIO=4&transport=polling";
constexpr std::string_view kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string frame(char opcode, std::string_view text) {
  std::string made{opcode,
                   static_cast<char>(0xFE),
                   static_cast<char>(text.size() >> 8),
                   static_cast<char>(text.size()),
                   0,
                   0,
                   0,
                   0};
  return made.append(text);
}

// Holds back everyone who asks for something until it is told how many may go on.
class Turnstile {
 public:
  explicit Turnstile(net::io_context& io) : changed_(io, net::steady_timer::time_point::max()) {}
  net::awaitable<void> pass() {
    while (free_ == 0) {
      // Cancelled when it opens.
      co_await changed_.async_wait(net::as_tuple(net::use_awaitable));
    }
    --free_;
  }
  void open(std::size_t more) {
    free_ = std::min<std::size_t>(free_ + more, 1000);
    changed_.cancel();
  }

 private:
  std::size_t free_ = 0;
  net::steady_timer changed_;
};

class World {
 public:
  explicit World(bool connects_slowly) : connects_slowly_(connects_slowly) {
    door_.set_handlers(handlers());
    listener_.start(context_);
  }
  ~World() {
    turnstile_.open(1000);
    work();
    for (Client& client : clients_) client = {};
    work();
    door_.drain();
    work();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void step(ByteReader& in) {
    const std::uint8_t what = in.u8();
    Client& client = clients_[what % kClients];
    const std::size_t size = in.u16() % 8192U;
    const std::string_view octets = text_of(in.take(std::min(size, in.remaining())));
    act(client, what / kClients % 16, size, octets);
    work();
    learn(client);
    heap_.require_at_most(kHeldMax);
  }

 private:
  struct Client {
    std::unique_ptr<Wire> poll = std::make_unique<Wire>();
    std::unique_ptr<Wire> post = std::make_unique<Wire>();
    std::unique_ptr<Wire> web = std::make_unique<Wire>();
    std::string sid;
  };

  void act(Client& client, unsigned what, std::size_t size, std::string_view octets) {
    const std::string session = "&sid=" + client.sid;
    switch (what) {
      case 0:  // a session by polling
        client.sid.clear();
        client.poll->connect(listener_.port());
        return client.poll->send(request("GET", "", "", 0));
      case 1:  // a session by WebSocket
        client.web->connect(listener_.port());
        return client.web->send(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n" +
            std::string(kUpgrade) + "\r\n");
      case 2:  // and the first becomes the second
        client.web->connect(listener_.port());
        return client.web->send("GET /socket.io/?EIO=4&transport=websocket" + session +
                                " HTTP/1.1\r\nHost: localhost\r\n" + std::string(kUpgrade) +
                                "\r\n");
      case 3:
        client.poll->connect(listener_.port());
        return client.poll->send(request("GET", session, "", 0));
      case 4:
        client.post->connect(listener_.port());
        return client.post->send(request("POST", session, octets, octets.size()));
      case 5:  // more is announced than comes
        client.post->connect(listener_.port());
        return client.post->send(request("POST", session, octets, octets.size() + 1 + size));
      case 6:
        client.post->connect(listener_.port());
        return client.post->send(request("POST", session, "40", 2));
      case 7:  // as many events as fit
        client.post->connect(listener_.port());
        return client.post->send(flood(session, octets));
      case 8:
        return client.web->send(frame('\x81', octets));
      case 9:
        return client.web->send(frame('\x81', "40"));
      case 10:
        for (std::size_t i = 0; i < size % kRepeatMax; ++i) {
          client.web->send(frame('\x81', octets.empty() ? R"(42["e"])" : octets));
        }
        return;
      case 11:
        return client.web->send(octets);
      case 12:
        if (size % 4 == 0) client.poll->cut();
        if (size % 4 == 1) client.post->cut();
        if (size % 4 == 2) client.web->cut();
        if (size % 4 == 3) client.web->finish();
        return;
      case 13:
        return turnstile_.open(size % 256);
      case 14:  // the server says something to all, which not everybody reads
        return door_.broadcast("room", "said", json::value(octets));
      default:
        return client.web->send(frame('\x82', octets));
    }
  }
  static std::string request(std::string_view method, std::string_view session,
                             std::string_view body, std::size_t announced) {
    std::string made(method);
    made.append(" ").append(kPolling).append(session).append(" HTTP/1.1\r\nHost: localhost\r\n");
    if (method == "POST") {
      made += "Content-Type: text/plain\r\nContent-Length: " + std::to_string(announced) + "\r\n";
    }
    return made.append("\r\n").append(body);
  }
  static std::string flood(std::string_view session, std::string_view event) {
    std::string body;
    for (std::size_t i = 0; i < kRepeatMax; ++i) {
      body.append(i == 0 ? "" : "\x1e").append(event.empty() ? R"(42["e"])" : event);
    }
    return request("POST", session, body, body.size());
  }

  // The id of its session, from whatever it was sent.
  void learn(Client& client) {
    for (const auto* wire : {&client.poll, &client.web, &client.post}) {
      const std::string heard = (*wire)->receive();
      const std::size_t at = heard.find(R"("sid":")");
      const bool is_engine = wire != &client.post && at != std::string::npos;
      if (is_engine && heard.find("upgrades") != std::string::npos) {
        client.sid = heard.substr(at + 7, 20);
      }
    }
  }

  // Until nothing more happens by itself; what a socket is sent is readable at once on loopback.
  void work() {
    for (int idle = 0; idle < 3;) idle = io_.poll() == 0 ? idle + 1 : 0;
    if (io_.stopped()) io_.restart();
  }

  gateway::Handlers handlers() {
    using Answer = std::expected<void, gateway::ConnectRefused>;
    gateway::Handlers made;
    made.on_connect = [this](gateway::SocketId socket,
                             const gateway::Handshake&) -> net::awaitable<Answer> {
      if (connects_slowly_) co_await turnstile_.pass();
      door_.join(socket, "room");
      co_return Answer{};
    };
    made.on_recover = [this](gateway::SocketId,
                             const gateway::Handshake&) -> net::awaitable<Answer> {
      if (connects_slowly_) co_await turnstile_.pass();
      co_return Answer{};
    };
    made.on_event = [this](gateway::ClientEvent event) -> net::awaitable<void> {
      co_await turnstile_.pass();
      if (event.ack) door_.acknowledge(event.socket, *event.ack, event.args);
      if (event.name == "drop") door_.drop(event.socket);
      if (event.name == "end") door_.disconnect(event.socket);
      if (event.name == "say") door_.broadcast("room", event.name, event.args);
    };
    made.on_disconnect = [](const gateway::SocketId&, const gateway::Disconnect&) {};
    made.on_expired = [](const gateway::SocketId&) {};
    return made;
  }
  static http::ListenOptions on_loopback() {
    http::ListenOptions options;
    options.host = "127.0.0.1";
    return options;
  }

  fuzz::HeapBudget heap_;
  const bool connects_slowly_;
  net::io_context io_{1};
  SeededRandom random_{1};
  Turnstile turnstile_{io_};
  gateway::SioGateway door_{io_, random_, {.rate_limit = false}};
  http::Router router_{{.routes = {},
                        .authenticate = {},
                        .fallback = {},
                        .origins = http::Origins("http://localhost", {}),
                        .content_security_policy = {}}};
  http::Connections connections_;
  http::Addresses addresses_{true};
  http::SessionContext context_{.router = router_,
                                .doorways = {door_.doorway()},
                                .trust = http::ProxyTrust({}),
                                .connections = connections_,
                                .addresses = addresses_,
                                .limits = {},
                                .request_ids = {}};
  http::Listener listener_{io_, on_loopback()};
  std::array<Client, kClients> clients_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in(Bytes(data, size));
  World world((in.u8() & 1U) != 0);
  for (std::size_t i = 0; i < kStepsMax && in.remaining() > 0; ++i) world.step(in);
  return 0;
}
