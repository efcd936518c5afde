#include "http/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "http/json.hpp"
#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace server::http {

namespace {

struct MethodName {
  Method method;
  std::string_view name;
};
constexpr MethodName kMethodNames[] = {{Method::Get, "GET"},        {Method::Head, "HEAD"},
                                       {Method::Post, "POST"},      {Method::Put, "PUT"},
                                       {Method::Patch, "PATCH"},    {Method::Delete, "DELETE"},
                                       {Method::Options, "OPTIONS"}};

std::string_view name_of(Method method) {
  return std::ranges::find(kMethodNames, method, &MethodName::method)->name;
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

// Whether a path is one of the pattern's, both in segments.
bool matches(const std::vector<std::string>& pattern, std::span<const std::string_view> path) {
  return std::ranges::equal(pattern, path, [](std::string_view wanted, std::string_view given) {
    return wanted.starts_with(':') ? !given.empty() : wanted == given;
  });
}

// The `:name` parts of a path that the pattern matches.
std::map<std::string, std::string> params_of(const std::vector<std::string>& pattern,
                                             std::span<const std::string_view> path) {
  std::map<std::string, std::string> params;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (pattern[i].starts_with(':')) params.emplace(pattern[i].substr(1), path[i]);
  }
  return params;
}

bool changes_state(Method method) {
  return method != Method::Get && method != Method::Head && method != Method::Options;
}

// Whether an Accept header (RFC 9110 section 12.5.1) takes the media type at all.
bool accepts(std::string_view accept, std::string_view type) {
  if (accept.empty()) return true;
  const std::string any_of_kind = std::string(type.substr(0, type.find('/'))) + "/*";
  while (!accept.empty()) {
    const std::size_t end = std::min(accept.find(','), accept.size());
    std::string_view range = accept.substr(0, end);
    accept.remove_prefix(std::min(end + 1, accept.size()));
    while (range.starts_with(' ')) range.remove_prefix(1);
    std::string_view name = range.substr(0, range.find(';'));
    while (name.ends_with(' ')) name.remove_suffix(1);
    const std::size_t weight = range.find("q=");
    const bool refused =
        weight != std::string_view::npos &&
        range.substr(weight + 2).find_first_not_of("0. ") == std::string_view::npos;
    if (!refused && (name == "*/*" || name == any_of_kind || name == type)) return true;
  }
  return false;
}

}  // namespace

Router::Router(RouterOptions options) : options_(std::move(options)) {
  for (Route& route : options_.routes) {
    const auto segments = segments_of(route.pattern);
    rows_.push_back({{segments.begin(), segments.end()}, std::move(route)});
  }
  options_.routes.clear();
  security_headers_ =
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: strict-origin-when-cross-origin\r\n"
      "Permissions-Policy: camera=(self), microphone=(self), display-capture=(self)\r\n"
      "Content-Security-Policy: " +
      options_.content_security_policy + "\r\n";
}

net::awaitable<Response> Router::handle(Request request) {
  const Instant started = steady_now();
  Response response;
  try {
    response = co_await dispatch(request);
  } catch (const std::exception& error) {
    log::error("request failed", {{"request_id", request.id},
                                  {"method", name_of(request.method)},
                                  {"path", request.path},
                                  {"error", error.what()}});
    response = error_response(ApiError{
        500, "INTERNAL_ERROR", "something went wrong here, request " + request.id, {}, {}});
  }
  finish(request, response);
  options_.on_answered(response.status, steady_now() - started);
  log::debug("request", {{"request_id", request.id},
                         {"method", name_of(request.method)},
                         {"path", request.path},
                         {"status", std::to_string(response.status)}});
  co_return response;
}

net::awaitable<Response> Router::dispatch(Request& request) {
  const std::string_view origin = request.header("Origin");
  const bool foreign = !origin.empty() && !options_.origins.allows(origin);
  if (request.method == Method::Options) co_return preflight(request);
  if (foreign && changes_state(request.method)) {
    co_return error_response(
        {403, "FORBIDDEN", "this origin may not change anything here", {}, {}});
  }

  std::string allowed;
  const Route* found = nullptr;
  const auto path = segments_of(request.path);
  for (const auto& [pattern, route] : rows_) {
    if (!matches(pattern, path)) continue;
    const bool is_method = route.method == request.method ||
                           (route.method == Method::Get && request.method == Method::Head);
    if (is_method) {
      found = &route;
      request.params = params_of(pattern, path);
      break;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(name_of(route.method));
  }
  if (found != nullptr) co_return co_await call(*found, request);
  if (!allowed.empty()) {
    Response response =
        error_response({405, "METHOD_NOT_ALLOWED", "allowed here: " + allowed, {}, {}});
    response.set("Allow", allowed);
    co_return response;
  }
  const bool is_page = !request.path.starts_with("/api/") && request.path != "/api";
  if (is_page && !changes_state(request.method)) co_return options_.fallback(request);
  if (is_page) {
    Response response =
        error_response({405, "METHOD_NOT_ALLOWED", "allowed here: GET, HEAD", {}, {}});
    response.set("Allow", "GET, HEAD");
    co_return response;
  }
  co_return error_response({404, "NOT_FOUND", "there is nothing at this path", {}, {}});
}

// A request with a name in its path is refused before that name is looked up, hit or miss, once
// its address has missed too often: else a guess would still tell the hits.
Result<void> Router::admit(const Request& request) {
  if (options_.limiter == nullptr) return {};
  if (auto free = options_.limiter->take_own(kRequestPerAddress, request.client); !free)
    return free;
  if (request.params.empty()) return {};
  return options_.limiter->look(kMissPerAddress, request.client);
}

net::awaitable<Response> Router::call(const Route& route, Request& request) {
  if (const auto free = admit(request); !free) co_return error_response(free.error());
  if (!accepts(request.header("Accept"), route.produces)) {
    co_return error_response(
        {406, "NOT_ACCEPTABLE", fmt::format("this path answers {}", route.produces), {}, {}});
  }
  if (route.access != Access::Public) {
    auto principal = co_await options_.authenticate(request);
    if (principal) {
      request.principal = std::move(*principal);
    } else if (route.access == Access::User || principal.error().status != 401) {
      co_return error_response(principal.error());
    }
  }
  Response response = co_await route.handler(request);
  const bool is_miss = response.status == 404 && !request.params.empty();
  if (is_miss && options_.limiter != nullptr) {
    (void)options_.limiter->take_own(kMissPerAddress, request.client);
  }
  co_return response;
}

Response Router::preflight(const Request& request) const {
  const std::string_view origin = request.header("Origin");
  if (!origin.empty() && !options_.origins.allows(origin)) {
    return error_response({403, "FORBIDDEN", "this origin is not allowed here", {}, {}});
  }
  Response response = empty_response(204);
  if (!origin.empty()) {
    response.set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
        .set("Access-Control-Allow-Headers", "Content-Type")
        .set("Access-Control-Max-Age", "600");
  } else {
    response.set("Allow", "GET, HEAD, POST, PATCH, DELETE, OPTIONS");
  }
  return response;
}

std::size_t Router::body_max(std::string_view path) const {
  std::size_t size = 16 * 1024;
  const auto segments = segments_of(path);
  for (const auto& [pattern, route] : rows_) {
    if (matches(pattern, segments)) size = std::max(size, route.body_max);
  }
  return size;
}

void Router::finish(const Request& request, Response& response) const {
  const std::string_view origin = request.header("Origin");
  if (!origin.empty() && options_.origins.allows(origin)) {
    response.set("Access-Control-Allow-Origin", std::string(origin))
        .set("Access-Control-Allow-Credentials", "true");
  }
  if (request.path.starts_with("/api")) response.set("Vary", "Origin");
  response.set("X-Request-Id", request.id);
  response.shared_headers = security_headers_;
  if (request.secure) response.set("Strict-Transport-Security", "max-age=31536000");
}

}  // namespace server::http
