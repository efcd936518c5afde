#include "http/docs_routes.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "http/json.hpp"

namespace server::http {
namespace {

constexpr std::string_view kStyle = R"(
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;
 color:#202124;background:#fff}
details{border:1px solid #dadce0;border-radius:8px;margin:.5rem 0;padding:.5rem 1rem}
summary{cursor:pointer;font-weight:600}code,pre{font:14px ui-monospace,monospace}
pre{background:#f8f9fa;padding:.75rem;border-radius:8px;overflow:auto}
b{display:inline-block;min-width:4.5rem;color:#174ea6}td{padding:.1rem 1rem .1rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#e8eaed;background:#202124}b{color:#8ab4f8}
 pre{background:#303134}details{border-color:#5f6368}})";

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '&':
        html += "&amp;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? escaped(value->get_string()) : "";
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

std::string operation_html(std::string_view path, std::string_view method,
                           const json::object& operation) {
  std::string html = fmt::format("<details><summary><b>{}</b> <code>{}</code> {}</summary>",
                                 upper(method), escaped(path), text_of(operation, "summary"));
  html += "<p>" + text_of(operation, "description") + "</p><table>";
  if (const json::value* parameters = operation.if_contains("parameters")) {
    for (const json::value& parameter : parameters->as_array()) {
      const json::object& one = parameter.as_object();
      html += fmt::format("<tr><td><code>{}</code><td>in {}<td>{}", text_of(one, "name"),
                          text_of(one, "in"), text_of(one, "description"));
    }
  }
  for (const auto& [status, response] : operation.at("responses").as_object()) {
    html += fmt::format("<tr><td><code>{}</code><td colspan=2>{}", std::string_view(status),
                        text_of(response.as_object(), "description"));
  }
  html += "</table>";
  if (const json::value* body = operation.if_contains("requestBody")) {
    const json::value& content = body->at("content").at("application/json");
    html += "<p>Body, for example</p><pre>" + escaped(json::serialize(content.at("example"))) +
            "</pre>";
  }
  return html + "</details>\n";
}

std::string page_of(const json::object& document) {
  const json::object& info = document.at("info").as_object();
  std::string html = fmt::format(
      "<!doctype html><html lang=en><meta charset=utf-8><title>{0}: REST interface</title>"
      "<meta name=viewport content=\"width=device-width\"><style>{1}</style><h1>{0}</h1><p>{2}</p>"
      "<p><a href=\"/api/openapi.json\">openapi.json</a></p>\n",
      text_of(info, "title"), kStyle, text_of(info, "description"));
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      html += operation_html(path, method, operation.as_object());
    }
  }
  html += "<h2>Objects</h2>\n";
  for (const auto& [name, schema] : document.at("components").at("schemas").as_object()) {
    html += fmt::format("<details><summary><code>{}</code></summary><pre>{}</pre></details>\n",
                        escaped(name), escaped(json::serialize(schema)));
  }
  return html + "</html>\n";
}

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
  const auto page = std::make_shared<const std::string>(page_of(document.as_object()));
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
