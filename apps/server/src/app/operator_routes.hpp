// /metrics and /api/admin/drain: for the operator, not for the world.
#pragma once

#include <functional>
#include <string>

#include "http/routes.hpp"
#include "telemetry/metrics.hpp"

namespace server::app {

// `metrics` outlives the routes. /metrics answers loopback and, when there is a `metrics_token`,
// whoever shows it as a bearer token; else 403 FORBIDDEN. /api/admin/drain answers loopback alone.
http::Routes operator_routes(telemetry::Metrics& metrics, std::string metrics_token,
                             std::function<void()> drain);

}  // namespace server::app
