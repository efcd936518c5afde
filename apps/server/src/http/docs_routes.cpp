#include "http/docs_routes.hpp"

#include <memory>

#include "http/docs_page.hpp"
#include "http/json.hpp"

namespace server::http {
namespace {

net::awaitable<Response> shared_response(std::string type,
                                         std::shared_ptr<const std::string> body) {
  Response response;
  response.set("Content-Type", std::move(type)).set("Cache-Control", "no-cache");
  response.shared_body = std::move(body);
  co_return response;
}

}  // namespace

Routes docs_routes() {
  const json::value document = json::parse(openapi_document());
  const auto text = std::make_shared<const std::string>(openapi_document());
  const auto page = std::make_shared<const std::string>(docs_page(document.as_object()));
  Route as_json{Method::Get, "/api/openapi.json", Access::Public, [text](const Request&) {
                  return shared_response("application/json; charset=utf-8", text);
                }};
  Route as_page{Method::Get, "/api/docs", Access::Public, [page](const Request&) {
                  return shared_response("text/html; charset=utf-8", page);
                }};
  as_page.produces = "text/html";
  return {std::move(as_json), std::move(as_page)};
}

}  // namespace server::http
