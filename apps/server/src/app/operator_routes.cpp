#include "app/operator_routes.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "http/json.hpp"

namespace server::app {

namespace {

namespace net = boost::asio;

constexpr std::string_view kText = "text/plain";

// Whether a proxy writes such a header about the client that it speaks for.
bool is_trace_of_proxy(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames{
      "forwarded",           "via",         "x-real-ip",   "x-client-ip",
      "x-cluster-client-ip", "x-original-", "x-forwarded", "cf-connecting-ip"};
  const auto starts = [name](std::string_view start) {
    return name.size() >= start.size() &&
           std::ranges::equal(name.substr(0, start.size()), start,
                              [](unsigned char a, char b) { return std::tolower(a) == b; });
  };
  return std::ranges::any_of(kNames, starts);
}

bool shows_token(const http::Request& request, const std::string& token) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view given = request.header("Authorization");
  return !token.empty() && given.starts_with(kScheme) &&
         given.size() == kScheme.size() + token.size() &&
         CRYPTO_memcmp(given.data() + kScheme.size(), token.data(), token.size()) == 0;
}

bool is_operator(const http::Request& request, const std::string& token, bool is_token_required) {
  if (!token.empty() || is_token_required) return shows_token(request, token);
  return is_local(request);
}

http::Response refused() {
  return http::error_response({403, "FORBIDDEN", "this is for the operator", {}, {}});
}

net::awaitable<http::Response> show(telemetry::Metrics& metrics, const OperatorTokens& tokens,
                                    const http::Request& request) {
  if (!is_operator(request, tokens.metrics, tokens.is_required)) co_return refused();
  http::Response response;
  response.body = metrics.text();
  response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
      .set("Cache-Control", "no-store");
  co_return response;
}

net::awaitable<http::Response> start_drain(const std::function<void()>& drain,
                                           const OperatorTokens& tokens,
                                           const http::Request& request) {
  if (!is_operator(request, tokens.admin, tokens.is_required)) co_return refused();
  drain();
  co_return http::json_response(202, {{"status", "draining"}});
}

}  // namespace

bool is_local(const http::Request& request) {
  return request.peer.is_loopback() && is_loopback_authority(request.header("Host")) &&
         std::ranges::none_of(request.headers, is_trace_of_proxy, &http::Header::first);
}

http::Routes operator_routes(telemetry::Metrics& metrics, OperatorTokens tokens,
                             std::function<void()> drain) {
  return {{.method = http::Method::Get,
           .pattern = "/metrics",
           .handler = [&metrics, tokens](
                          const http::Request& request) { return show(metrics, tokens, request); },
           .produces = kText},
          {.method = http::Method::Post,
           .pattern = "/api/admin/drain",
           .handler = [tokens, drain = std::move(drain)](const http::Request& request) {
             return start_drain(drain, tokens, request);
           }}};
}

}  // namespace server::app
