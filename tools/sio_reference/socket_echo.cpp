#include <unordered_set>

#include "http/session.hpp"
#include "sio_reference/echo.hpp"

namespace sio_reference {

namespace {

namespace json = boost::json;
using server::gateway::EngineShell;
using server::http::steady_now;

class SocketEcho final : public Echo {
 public:
  SocketEcho(boost::asio::io_context& io, Random& random, EchoOptions options)
      : server_(options.server, random),
        shell_(io, server_.engine(),
               {.on_open = [](sio::SessionId, const server::http::Request&) {},
                .work_off = [this](Instant now) { work_off(now); },
                .handle_timeout = [this](Instant now) { server_.handle_timeout(now); },
                .next_timeout = [this] { return server_.next_timeout(); },
                .on_input = {},
                .is_congested = {},
                .relieved = {}},
               std::move(options.door)) {
    server_.add_namespace("/");
    server_.add_namespace("/custom");
  }

  server::http::Doorway doorway() override { return shell_.doorway(); }

  void shut_down() override {
    server_.shut_down(steady_now());
    shell_.settle_soon();
  }

  std::size_t session_count() override { return server_.engine().session_count(); }

 private:
  void work_off(Instant now) {
    while (auto event = server_.poll_event(now)) {
      if (auto* asked = std::get_if<sio::ConnectAsked>(&*event)) on(now, *asked);
      if (auto* received = std::get_if<sio::EventReceived>(&*event)) on(now, *received);
      if (auto* gone = std::get_if<sio::Disconnected>(&*event)) {
        if (!gone->is_recoverable) in_main_.erase(gone->socket);
      }
      if (auto* expired = std::get_if<sio::AwayExpired>(&*event)) in_main_.erase(expired->socket);
    }
  }

  void on(Instant now, sio::ConnectAsked& asked) {
    server_.accept(now, asked.socket, asked.session);
    if (asked.nsp == "/") in_main_.insert(asked.socket);
    server_.emit(now, asked.socket, "auth", {json::array{std::move(asked.auth)}, {}});
  }

  void on(Instant now, sio::EventReceived& event) {
    if (!in_main_.contains(event.socket)) return;
    if (event.name == "message") server_.emit(now, event.socket, "message-back", event.payload);
    if (event.name == "message-with-ack" && event.ack) {
      server_.acknowledge(event.socket, *event.ack, event.payload);
    }
  }

  sio::Server server_;
  EngineShell shell_;
  std::unordered_set<sio::SocketId> in_main_;  // the sockets of the namespace /
};

}  // namespace

std::unique_ptr<Echo> make_socket_echo(boost::asio::io_context& io, Random& random,
                                       EchoOptions options) {
  return std::make_unique<SocketEcho>(io, random, std::move(options));
}

}  // namespace sio_reference
