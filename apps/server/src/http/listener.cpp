#include "http/listener.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>
#include <stdexcept>
#include <system_error>

#include "telemetry/log.hpp"

namespace server::http {

namespace {

using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr Duration kTlsHandshakeTime = 10s;

// A session's exception is a bug of ours: it is told, and the others are served on.
void report(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log::error("session failed", {{"error", error.what()}});
  }
}

std::shared_ptr<net::ssl::context> load_tls(const ListenOptions& options) {
  auto tls = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
  tls->set_options(net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1);
  // Of TLS 1.2 what keeps a recorded conversation secret when the key is lost; TLS 1.3 has no
  // other.
  if (SSL_CTX_set_cipher_list(tls->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    throw std::runtime_error("OpenSSL knows none of the cipher suites");
  }
  tls->use_certificate_chain_file(options.tls_cert);
  tls->use_private_key_file(options.tls_key, net::ssl::context::pem);
  return tls;
}

void listen_at(tcp::acceptor& acceptor, const net::ip::address& address, std::uint16_t port) {
  const tcp::endpoint endpoint(address, port);
  acceptor.open(endpoint.protocol());
  if (address.is_v6()) acceptor.set_option(net::ip::v6_only{false});
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen(4096);
}

}  // namespace

Listener::Listener(net::io_context& io, ListenOptions options)
    : io_(io),
      options_(std::move(options)),
      acceptor_(io),
      sweep_timer_(io),
      tls_(options_.tls_cert.empty() ? nullptr : load_tls(options_)),
      handshakes_(io) {
  const auto address = net::ip::make_address(options_.host);
  try {
    listen_at(acceptor_, address, options_.port);
  } catch (const boost::system::system_error& error) {
    const bool no_ipv6 = address.is_v6() && address.is_unspecified() &&
                         error.code() == std::errc::address_family_not_supported;
    if (!no_ipv6) {
      throw std::system_error(
          error.code(), fmt::format("cannot listen on {} port {}", options_.host, options_.port));
    }
    listen_at(acceptor_, net::ip::address_v4::any(), options_.port);
  }
}

Listener::~Listener() = default;

std::uint16_t Listener::port() const { return acceptor_.local_endpoint().port(); }

void Listener::start(SessionContext& context) {
  net::co_spawn(io_, accept_loop(context), report);
  net::co_spawn(io_, sweep_loop(context.connections), report);
}

bool Listener::reload_tls() {
  if (tls_ == nullptr) return true;
  try {
    tls_ = load_tls(options_);
    return true;
  } catch (const boost::system::system_error& error) {
    log::error("certificate not reloaded", {{"error", error.what()}});
    return false;
  }
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
}

net::awaitable<void> Listener::accept_loop(SessionContext& context) {
  net::steady_timer pause(io_);
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kQuiet);
    if (error == net::error::operation_aborted || error == net::error::bad_descriptor) co_return;
    if (error) {  // out of descriptors, most likely: the backlog waits until some are free
      log::warn("accept failed", {{"error", error.message()}});
      pause.expires_after(100ms);
      co_await pause.async_wait(kQuiet);
      continue;
    }
    if (context.connections.count() >= options_.connections_max) continue;  // closes it
    auto counted = context.admit(socket);
    if (!counted) continue;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (tls_ == nullptr) {
      net::co_spawn(io_, serve(std::move(socket), context, std::move(*counted)), report);
    } else {
      net::co_spawn(io_, shake_hands(std::move(socket), context, std::move(*counted)), report);
    }
  }
}

net::awaitable<void> Listener::shake_hands(tcp::socket socket, SessionContext& context,
                                           Addresses::Connection counted) {
  const auto tls = tls_;  // a reload must not take the context from under the handshake
  TlsStream stream(std::move(socket), *tls);
  {
    Connections::Guard connection(context.connections, stream.next_layer());
    connection->deadline = steady_now() + kTlsHandshakeTime;
    if (!co_await may_shake_hands(stream.next_layer()) || connection->timed_out) co_return;
    const auto [error] = co_await stream.async_handshake(net::ssl::stream_base::server, kQuiet);
    if (error) co_return;
  }
  co_await serve(std::move(stream), context, std::move(counted));
}

net::awaitable<bool> Listener::may_shake_hands(tcp::socket& socket) {
  const auto [silent] = co_await socket.async_wait(tcp::socket::wait_read, kQuiet);
  if (silent) co_return false;
  error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  const auto client = IpAddress::parse(endpoint.address().to_string());
  if (gone || !client) co_return false;
  co_return co_await handshakes_.take(*client);
}

net::awaitable<void> Listener::sweep_loop(Connections& connections) {
  while (acceptor_.is_open() || connections.count() > 0) {
    sweep_timer_.expires_after(1s);
    co_await sweep_timer_.async_wait(kQuiet);
    connections.sweep(steady_now());
  }
}

}  // namespace server::http
