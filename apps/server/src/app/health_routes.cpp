#include "app/health_routes.hpp"

#include "http/json.hpp"

namespace server::app {

namespace {

namespace json = boost::json;

net::awaitable<http::Response> live() {
  co_return http::json_response(200, {{"status", "up"}, {"checks", json::object()}});
}

net::awaitable<http::Response> ready(const std::vector<HealthCheck>& checks) {
  json::object results;
  bool all_up = true;
  for (const HealthCheck& check : checks) {
    const bool is_up = co_await check.is_up();
    all_up = all_up && is_up;
    results[check.name] = is_up ? "up" : "down";
  }
  co_return http::json_response(all_up ? 200 : 503,
                                {{"status", all_up ? "up" : "down"}, {"checks", results}});
}

}  // namespace

http::Routes health_routes(std::vector<HealthCheck> checks) {
  auto shared = std::make_shared<const std::vector<HealthCheck>>(std::move(checks));
  return {{http::Method::Get, "/api/health/live", http::Access::Public,
           [](const http::Request&) { return live(); }},
          {http::Method::Get, "/api/health/ready", http::Access::Public,
           [shared](const http::Request&) { return ready(*shared); }}};
}

}  // namespace server::app
