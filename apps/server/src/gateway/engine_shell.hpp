// Sockets and clock for the sans-IO Engine.IO server: turns what the HTTP door hands over into
// its inputs, and its outputs into answers and frames.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/doorway.hpp"
#include "http/web_socket.hpp"
#include "sio/engine_server.hpp"

namespace server::gateway {

namespace net = boost::asio;

// The protocol above the sessions. All are called on the control thread.
struct EngineProtocol {
  std::function<void(sio::SessionId, const http::Request&)> on_open;  // with the handshake
  std::function<void(Instant)> work_off;  // polls and handles all events there are
  std::function<void(Instant)> handle_timeout;
  std::function<Instant()> next_timeout;
  // Optional. Whether a request may go on with that session; if not, it hears that there is none.
  std::function<bool(sio::SessionId, const http::Request&)> is_owner;
  // Optional. A message or body of so many octets comes in now.
  std::function<void(sio::SessionId, std::size_t octets)> on_input;
  // Optional back-pressure: no more input of a session is read while it is congested.
  std::function<bool(sio::SessionId)> is_congested;
  std::function<net::awaitable<void>(sio::SessionId)> relieved;
};

// Who may come in. Optional functions, asked for every handshake.
struct EngineDoor {
  std::string prefix = "/socket.io/";
  std::function<bool(std::string_view origin)> allows_origin;  // empty: every origin
  // Another refusal of a new session (rate limit, draining).
  std::function<net::awaitable<std::optional<http::Response>>(const http::Request&)> refuse;
};

// Control thread only. `engine` outlives it; it outlives the HTTP sessions.
class EngineShell {
 public:
  EngineShell(net::io_context& io, sio::EngineServer& engine, EngineProtocol protocol,
              EngineDoor door);
  EngineShell(const EngineShell&) = delete;
  EngineShell& operator=(const EngineShell&) = delete;

  // Keeps a reference to this object.
  http::Doorway doorway();

  // Carries out what the engine has put out, after the handlers that are ready to run now: what
  // they send to one client leaves in one write. Call it after every send.
  void settle_soon();

 private:
  class Waiter;

  net::awaitable<http::Response> handle(http::Request request);
  net::awaitable<http::Response> ask_engine(http::Request request);
  net::awaitable<std::optional<http::Response>> refuse(const http::Request& request) const;
  net::awaitable<std::optional<http::Response>> refuse_upgrade(const http::Request& request) const;
  bool is_foreign(const http::Request& request) const;
  bool is_of_another(const http::Request& request) const;
  std::optional<http::Response> refuse_body(const http::Request& head);
  std::vector<http::Header> cors(const http::Request& request) const;
  std::shared_ptr<void> expect_body(const http::Request& head);
  net::awaitable<void> serve_web_socket(http::Request request,
                                        std::shared_ptr<http::WebSocket> socket);

  void settle();
  void carry_out(const sio::Answered& answered);
  void carry_out(const sio::Writable& writable);
  void carry_out(const sio::Dismissed& dismissed);
  void carry_out(const sio::PingWanted& wanted);
  void pump(sio::WebSocketId id);
  void arm_timer();

  net::io_context& io_;
  sio::EngineServer& engine_;
  EngineProtocol protocol_;
  EngineDoor door_;
  net::steady_timer timer_;
  Instant armed_for_ = Instant::never();
  bool will_settle_ = false;
  std::uint64_t last_id_ = 0;
  std::unordered_map<sio::RequestId, Waiter*> waiters_;  // each takes itself out at its end
  std::unordered_map<sio::WebSocketId, std::shared_ptr<http::WebSocket>> sockets_;
  std::vector<sio::FrameRef> frames_;  // scratch of pump()
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace server::gateway
