#include "http/session.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "http/json.hpp"
#include "http/web_socket.hpp"
#include "http/wire.hpp"
#include "telemetry/log.hpp"

namespace server::http {

namespace {

namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr std::size_t kLingerBytesMax = 8 * 1024 * 1024;

tcp::socket& socket_of(tcp::socket& socket) { return socket; }
tcp::socket& socket_of(TlsStream& stream) { return stream.next_layer(); }
constexpr bool is_secure(const tcp::socket&) { return false; }
constexpr bool is_secure(const TlsStream&) { return true; }

IpAddress address_of(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  return IpAddress::parse(endpoint.address().to_string()).value_or(IpAddress{});
}

ApiError error_of(error_code error) {
  if (error == beast_http::error::header_limit || error == beast_http::error::buffer_overflow) {
    return {431, "HEADERS_TOO_LARGE", "the request's header is too large", {}, {}};
  }
  if (error == beast_http::error::body_limit) {
    return {413, "PAYLOAD_TOO_LARGE", "the request's body is too large", {}, {}};
  }
  return {400, "VALIDATION_ERROR", "malformed HTTP: " + error.message(), {}, {}};
}

// Ends when the client has closed its side, also while requests it sent ahead wait unread.
net::awaitable<void> wait_for_close(tcp::socket& socket) {
  net::steady_timer pause(co_await net::this_coro::executor);
  for (;;) {
    const auto [wait_error] = co_await socket.async_wait(tcp::socket::wait_read, kQuiet);
    if (wait_error) co_return;
    char octet = 0;
    const auto size = ::recv(socket.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN)) co_return;
    pause.expires_after(1s);  // data is waiting: look again later instead of spinning
    const auto [pause_error] = co_await pause.async_wait(kQuiet);
    if (pause_error) co_return;
  }
}

// A connection that speaks WebSocket from now on, and who serves it.
struct Upgraded {
  const Doorway& doorway;
  Request request;
  std::shared_ptr<WebSocket> socket;
};

template <class Stream>
class Session {
 public:
  Session(Stream stream, SessionContext& context)
      : stream_(std::move(stream)),
        context_(context),
        connection_(context.connections, socket_of(stream_)),
        peer_(address_of(socket_of(stream_))),
        buffer_(context.limits.header_max + 64 * 1024) {}

  // Ends with the WebSocket that the connection became, if it did.
  net::awaitable<std::optional<Upgraded>> run() {
    bool is_first = true;
    while (!context_.connections.draining() && co_await wait_for_request(is_first)) {
      is_first = false;
      if (!co_await serve_one()) break;
    }
    if (!upgraded_) {
      error_code ignored;
      socket_of(stream_).shutdown(tcp::socket::shutdown_both, ignored);
    }
    co_return std::move(upgraded_);
  }

 private:
  using HeaderParser = beast_http::request_parser<beast_http::empty_body>;
  using BodyParser = beast_http::request_parser<beast_http::string_body>;

  void expect_within(Duration time) { connection_->deadline = steady_now() + time; }
  void expect_arrival_within(Duration time) {
    connection_->state = Connection::State::Receiving;
    connection_->deadline = context_.connections.arrival_deadline(steady_now() + time);
  }

  // True once an octet of the next request is there.
  net::awaitable<bool> wait_for_request(bool is_first) {
    if (buffer_.size() > 0) co_return true;
    connection_->state = Connection::State::Idle;
    expect_within(is_first ? context_.limits.header_time : context_.limits.idle_time);
    const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), kQuiet);
    if (error) co_return false;
    buffer_.commit(size);
    connection_->state = Connection::State::Receiving;
    co_return true;
  }

  // Reads one request and answers it. False when the connection cannot be used further.
  net::awaitable<bool> serve_one() {
    HeaderParser header_parser;
    header_parser.header_limit(static_cast<std::uint32_t>(context_.limits.header_max));
    header_parser.body_limit(boost::none);
    expect_arrival_within(context_.limits.header_time);
    const auto [error, size] =
        co_await beast_http::async_read_header(stream_, buffer_, header_parser, kQuiet);
    if (error) co_return co_await refuse_unread(error);

    auto request = to_request(header_parser.get());
    if (!request) co_return co_await refuse(std::move(request.error()));
    if (header_parser.get().target().size() > context_.limits.target_max) {
      co_return co_await refuse({431, "HEADERS_TOO_LARGE", "the target is too long", {}, {}});
    }
    identify(*request);

    const Doorway* doorway = doorway_of(request->path);
    if (doorway != nullptr && beast::websocket::is_upgrade(header_parser.get())) {
      co_return co_await upgrade(*doorway, std::move(*request));
    }
    co_return co_await serve_body(doorway, std::move(*request), header_parser);
  }

  // `header` is in the awaiting frame.
  net::awaitable<bool> serve_body(const Doorway* doorway, Request request, HeaderParser& header) {
    const bool keep_alive_asked = header.get().keep_alive();
    const bool has_body = !header.is_done();
    const std::size_t body_max = !has_body            ? 0
                                 : doorway != nullptr ? doorway->body_max
                                                      : context_.router.body_max(request.path);
    const std::size_t body_size = header.content_length().value_or(body_max);
    if (has_body && body_size > body_max) {
      co_return co_await refuse(error_of(beast_http::error::body_limit), &request);
    }
    const bool may_refuse = has_body && doorway != nullptr && doorway->refuse_body;
    if (auto refused = may_refuse ? doorway->refuse_body(request) : std::nullopt) {
      co_return co_await refuse(std::move(*refused), request);
    }
    const IpAddress client = request.client;
    const auto held = context_.addresses.hold(client, has_body ? body_size : 0);
    if (!held) {
      co_return co_await refuse(
          {429, "RATE_LIMITED", "too much is under way from this address", {}, 1}, &request);
    }
    std::shared_ptr<void> expected;
    if (doorway != nullptr && doorway->expect_body && has_body) {
      expected = doorway->expect_body(request);
    }
    if (request.header("Expect") == "100-continue") {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await net::async_write(stream_, net::buffer(kContinue), kQuiet);
    }
    if (has_body) {
      BodyParser body(std::move(header));
      body.body_limit(body_max);
      expect_arrival_within(context_.limits.body_time);
      const auto [error, size] = co_await beast_http::async_read(stream_, buffer_, body, kQuiet);
      if (error) co_return co_await refuse_unread(error, &request);
      request.body = std::move(body.get().body());
    }
    connection_->state = Connection::State::Answering;
    connection_->deadline = Instant::never();  // the handler answers for its own time

    const bool is_head = request.method == Method::Head;
    auto response = co_await answer(doorway, std::move(request));
    if (!response) co_return false;
    const bool keep_alive = keep_alive_asked && !context_.connections.draining();
    const HeldOctets unread(context_.addresses.budget_of(client), response->body.size());
    co_return co_await write(*response, keep_alive, is_head) && keep_alive;
  }

  // nullopt when the client went away meanwhile.
  net::awaitable<std::optional<Response>> answer(const Doorway* doorway, Request request) {
    if (doorway == nullptr) co_return co_await context_.router.handle(std::move(request));
    using namespace net::experimental::awaitable_operators;
    auto result =
        co_await (doorway->handle(std::move(request)) || wait_for_close(socket_of(stream_)));
    if (result.index() == 1) co_return std::nullopt;
    co_return std::get<0>(std::move(result));
  }

  net::awaitable<bool> upgrade(const Doorway& doorway, Request request) {
    if (auto refused = co_await doorway.refuse_upgrade(request)) {
      co_await write(*refused, false, false);
      co_return false;
    }
    connection_->state = Connection::State::Answering;
    connection_->deadline = Instant::never();  // the handshake has its own
    connection_->socket = nullptr;
    WebSocketOptions options{
        .message_max = doorway.message_max,
        .headers = doorway.upgrade_headers(request),
        .hold = [&addresses = context_.addresses, client = request.client](std::size_t octets) {
          return addresses.hold(client, octets);
        }};
    auto socket = co_await accept_web_socket(std::move(stream_), request, std::move(options));
    if (socket != nullptr) upgraded_.emplace(doorway, std::move(request), std::move(socket));
    co_return false;
  }

  // Answers a request that could not be read to its end, then closes: what follows in the stream
  // cannot be told apart from its rest.
  net::awaitable<bool> refuse_unread(error_code error, const Request* request = nullptr) {
    if (connection_->timed_out && context_.connections.draining()) {
      co_return co_await refuse({503, "UNAVAILABLE", "the server is stopping", {}, 1}, request);
    }
    if (connection_->timed_out) {
      co_return co_await refuse(
          {400, "VALIDATION_ERROR", "the request did not arrive in time", {}, {}}, request);
    }
    const bool is_malformed =
        error.category() == make_error_code(beast_http::error::bad_version).category() &&
        error != beast_http::error::end_of_stream && error != beast_http::error::partial_message;
    if (!is_malformed) co_return false;  // closed or broken: nobody listens
    co_return co_await refuse(error_of(error), request);
  }

  net::awaitable<bool> refuse(ApiError error, const Request* request = nullptr) {
    connection_->state = Connection::State::Answering;
    Response response = error_response(error);
    if (request == nullptr) {
      Request unread;
      identify(unread);
      context_.router.finish(unread, response);
    } else {
      context_.router.finish(*request, response);
    }
    if (co_await write(response, false, false)) co_await linger();
    co_return false;
  }

  net::awaitable<bool> refuse(Response response, const Request& request) {
    context_.router.finish(request, response);
    if (co_await write(response, false, false)) co_await linger();
    co_return false;
  }

  // A close with unread octets resets the connection and may destroy the answer on its way.
  net::awaitable<void> linger() {
    error_code ignored;
    socket_of(stream_).shutdown(tcp::socket::shutdown_send, ignored);
    std::array<char, 4096> sink;
    expect_within(2s);
    for (std::size_t total = 0; total < kLingerBytesMax;) {
      const auto [error, size] =
          co_await socket_of(stream_).async_read_some(net::buffer(sink), kQuiet);
      if (error) co_return;
      total += size;
    }
  }

  net::awaitable<bool> write(const Response& response, bool keep_alive, bool is_head) {
    const std::string& body = response.shared_body ? *response.shared_body : response.body;
    const std::string header = header_text(response, body.size(), keep_alive);
    const bool has_body = !is_head && response.status != 204 && response.status != 304;
    const std::array<net::const_buffer, 2> parts{
        net::buffer(header), net::buffer(body.data(), has_body ? body.size() : 0)};
    expect_within(context_.limits.write_time);
    const auto [error, size] = co_await net::async_write(stream_, parts, kQuiet);
    co_return !error;
  }

  void identify(Request& request) {
    request.id = context_.request_ids.url_safe(12);
    // A proxy may add a header of its own beside the one that the client made up.
    const auto origin =
        context_.trust.resolve(peer_, is_secure(stream_), request.header_list("X-Forwarded-For"),
                               request.header_list("X-Forwarded-Proto"));
    request.peer = peer_;
    request.client = origin.client;
    request.secure = origin.secure;
  }

  const Doorway* doorway_of(std::string_view path) const {
    const auto found = std::ranges::find_if(context_.doorways, [&](const Doorway& doorway) {
      return path.starts_with(doorway.prefix);
    });
    return found == context_.doorways.end() ? nullptr : &*found;
  }

  Stream stream_;
  SessionContext& context_;
  Connections::Guard connection_;
  IpAddress peer_;
  beast::flat_buffer buffer_;
  std::optional<Upgraded> upgraded_;
};

// The session with its buffers is gone before a WebSocket is served: an idle one is small.
template <class Stream>
net::awaitable<std::optional<Upgraded>> run_session(Stream stream, SessionContext& context) {
  Session session(std::move(stream), context);
  co_return co_await session.run();
}

template <class Stream>
net::awaitable<void> serve_any(Stream stream, SessionContext& context, Addresses::Connection) {
  auto upgraded = co_await run_session(std::move(stream), context);
  if (!upgraded) co_return;
  const auto& serve_web_socket = upgraded->doorway.serve_web_socket;
  co_await serve_web_socket(std::move(upgraded->request), std::move(upgraded->socket));
}

}  // namespace

std::optional<Addresses::Connection> SessionContext::admit(const tcp::socket& socket) {
  const IpAddress peer = address_of(socket);
  if (trust.is_trusted(peer)) return Addresses::Connection{};
  return addresses.admit(peer);
}

net::awaitable<void> serve(tcp::socket socket, SessionContext& context,
                           Addresses::Connection counted) {
  return serve_any(std::move(socket), context, std::move(counted));
}

net::awaitable<void> serve(TlsStream stream, SessionContext& context,
                           Addresses::Connection counted) {
  return serve_any(std::move(stream), context, std::move(counted));
}

Instant steady_now() {
  return Instant::at(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace server::http
