// From a request to an answer: checks what is the same for every route, then asks the route.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "http/origins.hpp"
#include "http/rate_limiter.hpp"
#include "http/routes.hpp"

namespace server::http {

struct RouterOptions {
  Routes routes;
  Authenticate authenticate;
  // Answers GET and HEAD of a path that no route knows and that is not below /api/ (the page).
  std::function<Response(const Request&)> fallback;
  Origins origins;
  std::string content_security_policy;
  // Counts the requests of each address, and those that name what is not there; outlives the
  // router. Null: nobody counts.
  RateLimiter* limiter = nullptr;
  // Told of every answer: its status, and how long it took.
  std::function<void(unsigned, Duration)> on_answered = [](unsigned, Duration) {};
};

class Router {
 public:
  explicit Router(RouterOptions options);

  // Never throws: an exception of a handler is logged and answered 500 INTERNAL_ERROR.
  net::awaitable<Response> handle(Request request);

  // Octets of body that a request to this path may have; known before the body is read.
  std::size_t body_max(std::string_view path) const;

  // Adds what every answer carries, wherever it was made: request id, security headers, CORS.
  // The answer refers to the router, which outlives it.
  void finish(const Request& request, Response& response) const;

  const Origins& origins() const { return options_.origins; }

 private:
  net::awaitable<Response> dispatch(Request& request);
  net::awaitable<Response> call(const Route& route, Request& request);
  Result<void> admit(const Request& request);
  Response preflight(const Request& request) const;

  // A route, its pattern split at the slashes.
  struct Row {
    std::vector<std::string> pattern;
    Route route;
  };

  RouterOptions options_;  // its routes have moved to the rows
  std::vector<Row> rows_;
  std::string security_headers_;  // header lines of every answer
};

}  // namespace server::http
