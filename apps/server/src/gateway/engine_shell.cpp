#include "gateway/engine_shell.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "http/compression.hpp"
#include "http/session.hpp"

namespace server::gateway {

namespace {

using boost::system::error_code;
using http::Request;
using http::Response;
using http::steady_now;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);

std::optional<std::string> query_text(const Request& request, std::string_view name) {
  const auto value = request.query_value(name);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

sio::EngineQuery query_of(const Request& request) {
  return {query_text(request, "EIO"), query_text(request, "transport"), query_text(request, "sid")};
}

sio::EngineRequest::Method method_of(http::Method method) {
  if (method == http::Method::Get) return sio::EngineRequest::Method::Get;
  if (method == http::Method::Post) return sio::EngineRequest::Method::Post;
  return sio::EngineRequest::Method::Other;
}

Response response_of(const sio::HttpAnswer& answer) {
  Response response;
  response.status = answer.status;
  response.body = answer.body;
  response.set("Content-Type", std::string(answer.content_type));
  response.set("Cache-Control", "no-store");
  return response;
}

std::string_view close_reason(http::WebSocketEnd end) {
  switch (end) {
    case http::WebSocketEnd::Closed:
      return sio::reason::kTransportClose;
    case http::WebSocketEnd::Broken:
      return sio::reason::kTransportError;
    case http::WebSocketEnd::NotUtf8:
      return sio::reason::kParseError;
  }
  return sio::reason::kTransportError;
}

}  // namespace

// A request that awaits the engine's answer. It lives in the frame of a coroutine that an aborted
// request destroys at any `co_await`, so the destructor takes it out of the table and tells the
// engine.
class EngineShell::Waiter {
 public:
  Waiter(EngineShell& shell, sio::RequestId id)
      : shell_(shell),
        alive_(shell.alive_),
        id_(id),
        signal_(shell.io_, net::steady_timer::time_point::max()) {
    shell_.waiters_.emplace(id_, this);
  }
  ~Waiter() {
    if (alive_.expired()) return;  // the io_context drops its coroutines after the shell
    shell_.waiters_.erase(id_);
    if (answer_) return;
    shell_.engine_.http_aborted(id_);
    shell_.settle_soon();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void settle(const sio::HttpAnswer& answer) {
    answer_ = answer;
    signal_.cancel();
  }
  // nullopt: the client went away.
  net::awaitable<std::optional<sio::HttpAnswer>> answer() {
    if (!answer_) co_await signal_.async_wait(kQuiet);
    co_return answer_;
  }

 private:
  EngineShell& shell_;
  std::weak_ptr<bool> alive_;
  sio::RequestId id_;
  net::steady_timer signal_;  // cancelled when the answer is there
  std::optional<sio::HttpAnswer> answer_;
};

EngineShell::EngineShell(net::io_context& io, sio::EngineServer& engine, EngineProtocol protocol,
                         EngineDoor door)
    : io_(io),
      engine_(engine),
      protocol_(std::move(protocol)),
      door_(std::move(door)),
      timer_(io) {}

http::Doorway EngineShell::doorway() {
  http::Doorway doorway;
  doorway.prefix = door_.prefix;
  doorway.body_max = engine_.options().max_payload;
  doorway.message_max = engine_.options().max_payload;
  doorway.handle = [this](Request request) { return handle(std::move(request)); };
  doorway.refuse_body = [this](const Request& head) { return refuse_body(head); };
  doorway.expect_body = [this](const Request& head) { return expect_body(head); };
  doorway.refuse_upgrade = [this](const Request& request) { return refuse_upgrade(request); };
  doorway.upgrade_headers = [this](const Request& request) { return cors(request); };
  doorway.serve_web_socket = [this](Request request, std::shared_ptr<http::WebSocket> socket) {
    return serve_web_socket(std::move(request), std::move(socket));
  };
  return doorway;
}

std::vector<http::Header> EngineShell::cors(const Request& request) const {
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return {};
  return {{"Access-Control-Allow-Origin", std::string(origin)},
          {"Access-Control-Allow-Credentials", "true"},
          {"Vary", "Origin"}};
}

bool EngineShell::is_foreign(const Request& request) const {
  const std::string_view origin = request.header("Origin");
  return !origin.empty() && door_.allows_origin && !door_.allows_origin(origin);
}

bool EngineShell::is_of_another(const Request& request) const {
  const auto sid = request.query_value("sid");
  const auto session = sid ? engine_.session_of(std::string(*sid)) : std::nullopt;
  return session && protocol_.is_owner && !protocol_.is_owner(*session, request);
}

net::awaitable<std::optional<Response>> EngineShell::refuse(const Request& request) const {
  if (is_foreign(request)) co_return response_of(sio::error_answer(sio::EngineError::Forbidden));
  if (request.method != http::Method::Options && is_of_another(request)) {
    co_return response_of(sio::error_answer(sio::EngineError::UnknownSession));
  }
  const bool is_handshake = !request.query_value("sid") && request.method == http::Method::Get;
  if (is_handshake && door_.refuse) co_return co_await door_.refuse(request);
  co_return std::nullopt;
}

net::awaitable<std::optional<Response>> EngineShell::refuse_upgrade(const Request& request) const {
  if (const auto error = engine_.refuse_web_socket(query_of(request))) {
    co_return response_of(sio::error_answer(*error));
  }
  co_return co_await refuse(request);
}

net::awaitable<Response> EngineShell::handle(Request request) {
  const std::vector<http::Header> cors_headers = cors(request);
  const std::string accepted(request.header("Accept-Encoding"));
  Response response;
  if (auto refused = co_await refuse(request)) {
    co_return std::move(*refused);
  } else if (request.method == http::Method::Options) {
    response.status = 204;
    response.set("Access-Control-Allow-Methods", "GET,POST");
    const std::string_view asked = request.header("Access-Control-Request-Headers");
    if (!asked.empty()) response.set("Access-Control-Allow-Headers", std::string(asked));
  } else {
    response = co_await ask_engine(std::move(request));
  }
  http::compress(accepted, response);
  response.headers.insert(response.headers.end(), cors_headers.begin(), cors_headers.end());
  co_return response;
}

net::awaitable<Response> EngineShell::ask_engine(Request request) {
  const sio::EngineRequest asked{method_of(request.method), query_of(request),
                                 std::string(request.header("Content-Type")),
                                 std::move(request.body)};
  if (asked.method == sio::EngineRequest::Method::Post && asked.query.sid &&
      protocol_.is_congested) {
    const auto session = engine_.session_of(*asked.query.sid);
    if (session && protocol_.is_congested(*session)) co_await protocol_.relieved(*session);
  }
  if (asked.method == sio::EngineRequest::Method::Post && asked.query.sid && protocol_.on_input) {
    const auto session = engine_.session_of(*asked.query.sid);
    if (session) protocol_.on_input(*session, asked.body.size());
  }
  const sio::RequestId id = ++last_id_;
  Waiter waiter(*this, id);
  if (const auto opened = engine_.http(steady_now(), id, asked))
    protocol_.on_open(*opened, request);
  settle_soon();
  const auto answer = co_await waiter.answer();
  co_return answer ? response_of(*answer) : Response{};
}

std::optional<Response> EngineShell::refuse_body(const Request& head) {
  if (is_foreign(head)) return response_of(sio::error_answer(sio::EngineError::Forbidden));
  if (head.method != http::Method::Post) return std::nullopt;
  auto error = engine_.refuse_post(query_of(head));
  if (!error && is_of_another(head)) error = sio::EngineError::UnknownSession;
  if (!error) return std::nullopt;
  Response response = response_of(sio::error_answer(*error));
  const std::vector<http::Header> cors_headers = cors(head);
  response.headers.insert(response.headers.end(), cors_headers.begin(), cors_headers.end());
  return response;
}

std::shared_ptr<void> EngineShell::expect_body(const Request& head) {
  if (head.method != http::Method::Post) return nullptr;
  auto query = std::make_unique<sio::EngineQuery>(query_of(head));
  const sio::RequestId id = ++last_id_;
  engine_.post_begun(id, *query);
  settle_soon();
  // The token may be dropped after this object, when the io_context drops its coroutines.
  return {query.release(), [this, id, alive = std::weak_ptr(alive_)](sio::EngineQuery* gone) {
            if (!alive.expired()) {
              engine_.post_aborted(id, *gone);  // means nothing once the whole request has come
              settle_soon();
            }
            delete gone;
          }};
}

net::awaitable<void> EngineShell::serve_web_socket(Request request,
                                                   std::shared_ptr<http::WebSocket> socket) {
  const sio::WebSocketId id = ++last_id_;
  sockets_.emplace(id, socket);
  socket->on_drained([this, id] {
    pump(id);
    settle_soon();
  });
  if (const auto opened = engine_.web_socket_opened(steady_now(), id, query_of(request))) {
    protocol_.on_open(*opened, request);
  }
  request = {};  // an idle connection keeps little
  settle_soon();
  for (;;) {
    auto message = co_await socket->read();
    if (!message) {
      engine_.web_socket_closed(id, close_reason(message.error()));
      break;
    }
    if (message->pong) {
      engine_.web_socket_ponged(id);
    } else {
      const auto session = engine_.session_of(id);
      if (session && protocol_.on_input) protocol_.on_input(*session, message->data.size());
      engine_.web_socket_message(steady_now(), id, std::move(message->data), message->binary);
    }
    settle_soon();
    if (!protocol_.is_congested) continue;
    const auto session = engine_.session_of(id);
    if (session && protocol_.is_congested(*session)) co_await protocol_.relieved(*session);
  }
  sockets_.erase(id);
  settle_soon();
}

void EngineShell::settle_soon() {
  if (std::exchange(will_settle_, true)) return;
  net::post(io_, [this] { settle(); });
}

void EngineShell::settle() {
  will_settle_ = false;
  const Instant now = steady_now();
  for (bool is_busy = true; is_busy;) {
    protocol_.work_off(now);  // what comes out below may bring new events
    is_busy = false;
    while (const auto output = engine_.poll_output()) {
      is_busy = true;
      std::visit([this](const auto& one) { carry_out(one); }, *output);
    }
  }
  arm_timer();
}

void EngineShell::carry_out(const sio::Answered& answered) {
  const auto found = waiters_.find(answered.request);
  if (found == waiters_.end()) return;
  found->second->settle(answered.answer);
}

void EngineShell::carry_out(const sio::Writable& writable) { pump(writable.socket); }

void EngineShell::carry_out(const sio::Dismissed& dismissed) {
  const auto found = sockets_.find(dismissed.socket);
  if (found != sockets_.end()) found->second->close(dismissed.code);
}

void EngineShell::carry_out(const sio::PingWanted& wanted) {
  const auto found = sockets_.find(wanted.socket);
  if (found != sockets_.end()) found->second->ping();
}

void EngineShell::pump(sio::WebSocketId id) {
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return;
  for (engine_.take(id, frames_); !frames_.empty(); engine_.take(id, frames_)) {
    if (!found->second->write(frames_)) break;  // goes on when it is drained
  }
  frames_.clear();
}

void EngineShell::arm_timer() {
  const Instant next = protocol_.next_timeout();
  if (next >= armed_for_) return;
  armed_for_ = next;
  timer_.expires_at(net::steady_timer::time_point(next.since_zero()));
  timer_.async_wait([this](error_code error) {
    if (error) return;
    armed_for_ = Instant::never();
    protocol_.handle_timeout(steady_now());
    settle();
  });
}

}  // namespace server::gateway
