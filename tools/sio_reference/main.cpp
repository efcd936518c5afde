// sio-reference: libs/sio behind the server's own HTTP layer, to be tried by others' clients.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

#include "http/listener.hpp"
#include "sio_reference/echo.hpp"
#include "telemetry/log.hpp"

namespace {

namespace net = boost::asio;
namespace http = server::http;
using boost::system::error_code;
using namespace std::chrono_literals;

struct Settings {
  std::uint16_t port = 3000;
  std::string mode = "socket";
  std::string path;
  unsigned ping_interval_ms = 25'000;
  unsigned ping_timeout_ms = 20'000;
  std::size_t max_payload = 1'000'000;
  unsigned connect_timeout_ms = 45'000;
  bool recovery = false;
  std::string cors;
};

void describe(CLI::App& app, Settings& settings) {
  app.add_option("--port", settings.port, "TCP port; 0 takes a free one");
  app.add_option("--mode", settings.mode, "engine or socket")
      ->check(CLI::IsMember({"engine", "socket"}));
  app.add_option("--path", settings.path, "path prefix (/engine.io/ or /socket.io/)");
  app.add_option("--ping-interval", settings.ping_interval_ms, "milliseconds");
  app.add_option("--ping-timeout", settings.ping_timeout_ms, "milliseconds");
  app.add_option("--max-payload", settings.max_payload, "octets");
  app.add_option("--connect-timeout", settings.connect_timeout_ms, "milliseconds");
  app.add_flag("--recovery", settings.recovery, "connection state recovery");
  app.add_option("--cors", settings.cors, "'*' or an origin that may connect as well");
}

sio_reference::EchoOptions echo_options(const Settings& settings, std::uint16_t port) {
  sio_reference::EchoOptions options;
  options.server.engine.ping_interval = std::chrono::milliseconds(settings.ping_interval_ms);
  options.server.engine.ping_timeout = std::chrono::milliseconds(settings.ping_timeout_ms);
  options.server.engine.max_payload = settings.max_payload;
  options.server.connect_timeout = std::chrono::milliseconds(settings.connect_timeout_ms);
  options.server.recovery = settings.recovery;
  const bool is_engine = settings.mode == "engine";
  options.door.prefix = !settings.path.empty() ? settings.path
                        : is_engine            ? "/engine.io/"
                                               : "/socket.io/";
  if (settings.cors == "*") return options;
  const std::vector<std::string> further =
      settings.cors.empty() ? std::vector<std::string>{} : std::vector{settings.cors};
  const std::string own = "http://localhost:" + std::to_string(port);
  options.door.allows_origin = [origins = http::Origins(own, further)](std::string_view origin) {
    return origins.allows(origin);
  };
  return options;
}

http::ListenOptions listen_at(std::string_view host, std::uint16_t port) {
  http::ListenOptions options;
  options.host = host;
  options.port = port;
  return options;
}

// Stops once the clients are gone, or after a second.
net::awaitable<void> stop(net::io_context& io, sio_reference::Echo& echo) {
  echo.shut_down();
  net::steady_timer pause(io);
  for (int i = 0; i < 50 && echo.session_count() > 0; ++i) {
    pause.expires_after(20ms);
    co_await pause.async_wait(net::use_awaitable);
  }
  io.stop();
}

int run(const Settings& settings) {
  net::io_context io(1);
  SecureRandom random;
  http::Listener v4(io, listen_at("127.0.0.1", settings.port));
  http::Listener v6(io, listen_at("::1", v4.port()));
  auto options = echo_options(settings, v4.port());
  const auto echo = settings.mode == "engine"
                        ? sio_reference::make_engine_echo(io, random, std::move(options))
                        : sio_reference::make_socket_echo(io, random, std::move(options));
  http::Router router({.routes = {},
                       .authenticate = {},
                       .fallback = {},
                       .origins = http::Origins("http://localhost", {}),
                       .content_security_policy = "default-src 'none'"});
  http::Connections connections;
  http::Addresses addresses(false);
  http::SessionContext context{.router = router,
                               .doorways = {echo->doorway()},
                               .trust = http::ProxyTrust({}),
                               .connections = connections,
                               .addresses = addresses,
                               .limits = {},
                               .request_ids = {}};
  v4.start(context);
  v6.start(context);
  std::printf("listening on %u\n", static_cast<unsigned>(v4.port()));
  std::fflush(stdout);

  net::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](error_code error, int) {
    if (!error) net::co_spawn(io, stop(io, *echo), net::detached);
  });
  io.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("A Socket.IO server to try clients against");
  describe(app, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  server::log::start("warn", server::log::Format::Text);
  int code = 1;
  try {
    code = run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  server::log::stop();
  return code;
}
