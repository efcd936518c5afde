// /api/health/live and /api/health/ready, for load balancers and process managers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/routes.hpp"

namespace server::app {

namespace net = boost::asio;

// Something that the server cannot work without. `is_up` ends within a few seconds.
struct HealthCheck {
  std::string name;
  std::function<net::awaitable<bool>()> is_up;
};

// Live: the process answers. Ready: every check holds; 503 with the ones that do not.
http::Routes health_routes(std::vector<HealthCheck> checks);

}  // namespace server::app
