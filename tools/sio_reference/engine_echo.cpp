#include "http/session.hpp"
#include "sio_reference/echo.hpp"

namespace sio_reference {

namespace {

using server::gateway::EngineShell;

class EngineEcho final : public Echo {
 public:
  EngineEcho(boost::asio::io_context& io, Random& random, EchoOptions options)
      : engine_(options.server.engine, random),
        shell_(io, engine_,
               {.on_open = [](sio::SessionId, const server::http::Request&) {},
                .work_off = [this](Instant) { work_off(); },
                .handle_timeout = [this](Instant now) { engine_.handle_timeout(now); },
                .next_timeout = [this] { return engine_.next_timeout(); },
                .on_input = {},
                .is_congested = {},
                .relieved = {}},
               std::move(options.door)) {}

  server::http::Doorway doorway() override { return shell_.doorway(); }

  void shut_down() override {
    for (const sio::SessionId id : engine_.session_ids()) {
      engine_.close(server::http::steady_now(), id);
    }
    shell_.settle_soon();
  }

  std::size_t session_count() override { return engine_.session_count(); }

 private:
  void work_off() {
    while (const auto event = engine_.poll_event()) {
      const auto* message = std::get_if<sio::MessageReceived>(&*event);
      if (message == nullptr) continue;
      const std::string text = message->binary ? message->data : "4" + message->data;
      engine_.send(message->session, sio::make_frame(text, message->binary));
    }
  }

  sio::EngineServer engine_;
  EngineShell shell_;
};

}  // namespace

std::unique_ptr<Echo> make_engine_echo(boost::asio::io_context& io, Random& random,
                                       EchoOptions options) {
  return std::make_unique<EngineEcho>(io, random, std::move(options));
}

}  // namespace sio_reference
