// The Socket.IO server of the benchmarks: echoes `message`, and on `go [rounds, burst]` broadcasts
// `rounds` events to everyone, `burst` of them before the clients are served. npm_server.mjs is
// its twin.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>

#include "gateway/engine_shell.hpp"
#include "http/listener.hpp"
#include "sio/server.hpp"

namespace {

namespace net = boost::asio;
namespace http = server::http;
namespace json = boost::json;

class BenchServer {
 public:
  BenchServer(net::io_context& io, Random& random)
      : io_(io),
        server_({}, random),
        shell_(io, server_.engine(),
               {.on_open = [](sio::SessionId, const http::Request&) {},
                .work_off = [this](Instant now) { work_off(now); },
                .handle_timeout = [this](Instant now) { server_.handle_timeout(now); },
                .next_timeout = [this] { return server_.next_timeout(); },
                .is_congested = {},
                .relieved = {}},
               {}) {
    server_.add_namespace("/");
  }

  http::Doorway doorway() { return shell_.doorway(); }

 private:
  void work_off(Instant now) {
    while (auto event = server_.poll_event(now)) {
      if (auto* asked = std::get_if<sio::ConnectAsked>(&*event)) {
        server_.accept(now, asked->socket, asked->session);
        server_.join(asked->socket, "room");
      }
      if (auto* got = std::get_if<sio::EventReceived>(&*event)) {
        if (got->name == "message") server_.emit(now, got->socket, "message-back", got->payload);
        if (got->name == "go") {
          rounds_left_ = got->payload.args.at(0).to_number<int>();
          burst_ = got->payload.args.at(1).to_number<int>();
          broadcast();
        }
      }
    }
  }

  void broadcast() {
    static constexpr std::string_view kRoom = "room";
    for (int i = 0; i < burst_ && rounds_left_ > 0; ++i, --rounds_left_) {
      server_.broadcast(
          http::steady_now(), {.rooms = {&kRoom, 1}}, "tick",
          {json::array{{{"round", rounds_left_}, {"text", "hello to everyone here"}}}, {}});
    }
    shell_.settle_soon();
    if (rounds_left_ > 0) net::post(io_, [this] { broadcast(); });
  }

  net::io_context& io_;
  sio::Server server_;
  server::gateway::EngineShell shell_;
  int rounds_left_ = 0;
  int burst_ = 1;
};

}  // namespace

int main() {
  net::io_context io(1);
  SecureRandom random;
  BenchServer bench(io, random);
  http::Router router({.routes = {},
                       .authenticate = {},
                       .fallback = {},
                       .origins = http::Origins("http://localhost", {}),
                       .content_security_policy = "default-src 'none'"});
  http::Connections connections;
  http::Addresses addresses(false);
  http::SessionContext context{.router = router,
                               .doorways = {bench.doorway()},
                               .trust = http::ProxyTrust({}),
                               .connections = connections,
                               .addresses = addresses,
                               .limits = {},
                               .request_ids = {}};
  http::ListenOptions options;
  options.host = "127.0.0.1";
  http::Listener listener(io, options);
  listener.start(context);
  std::printf("listening on %u\n", static_cast<unsigned>(listener.port()));
  std::fflush(stdout);
  io.run();
}
