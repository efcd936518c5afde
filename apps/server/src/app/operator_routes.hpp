// /metrics and /api/admin/drain: for the operator, not for the world.
#pragma once

#include <functional>
#include <string>

#include "http/routes.hpp"
#include "telemetry/metrics.hpp"

namespace server::app {

// What opens each route, shown as a bearer token. An empty one leaves the route to requests that
// were made on this machine, unless `is_required`: then nobody gets in without a token.
struct OperatorTokens {
  std::string metrics;
  std::string admin;
  bool is_required = false;  // others reach this server: what looks local may be a proxy's
};

// Whether a request was made on this machine: it came over loopback, names a loopback host and
// carries no trace of a proxy. A proxy on this machine that leaves no trace looks the same.
bool is_local(const http::Request& request);

// `metrics` outlives the routes. Everybody but the operator gets 403 FORBIDDEN.
http::Routes operator_routes(telemetry::Metrics& metrics, OperatorTokens tokens,
                             std::function<void()> drain);

}  // namespace server::app
