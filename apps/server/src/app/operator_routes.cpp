#include "app/operator_routes.hpp"

#include <openssl/crypto.h>

#include "http/json.hpp"

namespace server::app {

namespace {

namespace net = boost::asio;

constexpr std::string_view kText = "text/plain";

bool shows_token(const http::Request& request, const std::string& token) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view given = request.header("Authorization");
  return !token.empty() && given.starts_with(kScheme) &&
         given.size() == kScheme.size() + token.size() &&
         CRYPTO_memcmp(given.data() + kScheme.size(), token.data(), token.size()) == 0;
}

net::awaitable<http::Response> show(telemetry::Metrics& metrics, const std::string& token,
                                    const http::Request& request) {
  if (!request.client.is_loopback() && !shows_token(request, token)) {
    co_return http::error_response({403, "FORBIDDEN", "this is for the operator", {}, {}});
  }
  http::Response response;
  response.body = metrics.text();
  response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
      .set("Cache-Control", "no-store");
  co_return response;
}

net::awaitable<http::Response> start_drain(const std::function<void()>& drain,
                                           const http::Request& request) {
  if (!request.client.is_loopback()) {
    co_return http::error_response({403, "FORBIDDEN", "this is for the operator", {}, {}});
  }
  drain();
  co_return http::json_response(202, {{"status", "draining"}});
}

}  // namespace

http::Routes operator_routes(telemetry::Metrics& metrics, std::string metrics_token,
                             std::function<void()> drain) {
  return {{.method = http::Method::Get,
           .pattern = "/metrics",
           .handler = [&metrics, token = std::move(metrics_token)](
                          const http::Request& request) { return show(metrics, token, request); },
           .produces = kText},
          {.method = http::Method::Post,
           .pattern = "/api/admin/drain",
           .handler = [drain = std::move(drain)](const http::Request& request) {
             return start_drain(drain, request);
           }}};
}

}  // namespace server::app
