#include "http/docs_page.hpp"

#include <fmt/format.h>

#include <string_view>

namespace server::http {
namespace {

namespace json = boost::json;

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--text:#202124;--quiet:#5f6368;--page:#f8f9fa;--card:#fff;--line:#dadce0;
 --code:#f1f3f4;--link:#174ea6;--get:#137333;--post:#174ea6;--patch:#8a4b00;--delete:#b3261e}
@media(prefers-color-scheme:dark){:root{--text:#e8eaed;--quiet:#9aa0a6;--page:#202124;--card:#292a2d;
 --line:#45484d;--code:#35363a;--link:#8ab4f8;--get:#81c995;--post:#8ab4f8;--patch:#fdd663;--delete:#f28b82}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;color:var(--text);background:var(--page);margin:0 auto;
 max-width:60rem;padding:2rem 1rem 4rem;overflow-wrap:anywhere}
h1{margin:0}h1 small{font-size:1rem;font-weight:400;color:var(--quiet)}
h2{margin:2.5rem 0 .75rem;text-transform:capitalize}h3{font-size:1rem;margin:1.25rem 0 .25rem}
a{color:var(--link)}nav a{display:inline-block;margin-right:1rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:.5rem 0}
summary{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;cursor:pointer;padding:.7rem 1rem}
summary::marker{content:none}summary span{color:var(--quiet)}details>div{padding:0 1rem 1rem}
b{font:600 13px/1 ui-monospace,monospace;min-width:4.25rem}
.get{color:var(--get)}.post{color:var(--post)}.patch{color:var(--patch)}.delete{color:var(--delete)}
code,pre{font:14px/1.5 ui-monospace,monospace}td code{white-space:nowrap}
pre{background:var(--code);border-radius:8px;margin:.25rem 0;overflow:auto;padding:.75rem 1rem}
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.35rem .75rem .35rem 0;
 vertical-align:top}td:first-child{width:1%}td:nth-child(2){color:var(--quiet)}
@media print{details>*{display:block}})";

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

// Escaped text in which `this` becomes code.
std::string prose(std::string_view text) {
  std::string html;
  bool is_code = false;
  for (const char c : escaped(text)) {
    if (c != '`') {
      html += c;
      continue;
    }
    html += is_code ? "</code>" : "<code>";
    is_code = !is_code;
  }
  return html;
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

// JSON as people write it: one member a line.
std::string pretty(const json::value& value, std::size_t depth = 0) {
  const std::string indent(2 * depth + 2, ' ');
  const std::string end(2 * depth, ' ');
  std::string text;
  if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
    for (const auto& [name, member] : *object) {
      text += fmt::format("{}\n{}{}: {}", text.empty() ? "{" : ",", indent,
                          json::serialize(json::value(name)), pretty(member, depth + 1));
    }
    return text + "\n" + end + "}";
  }
  return json::serialize(value);
}

// "string", "integer or null", "list of Room", with the rules that the schema gives.
std::string type_html(const json::object& schema) {
  if (const std::string_view reference = text_of(schema, "$ref"); !reference.empty()) {
    const std::string name = escaped(reference.substr(reference.rfind('/') + 1));
    return fmt::format("<a href=\"#{0}\">{0}</a>", name);
  }
  std::string html;
  if (const json::value* type = schema.if_contains("type"); type != nullptr && type->is_array()) {
    for (const json::value& one : type->as_array()) {
      html += (html.empty() ? "" : " or ") + escaped(std::string_view(one.as_string()));
    }
  } else {
    html = escaped(text_of(schema, "type"));
  }
  if (const json::value* items = schema.if_contains("items")) {
    html = "list of " + type_html(items->as_object());
  }
  for (const std::string_view rule :
       {"format", "pattern", "minLength", "maxLength", "minimum", "maximum", "default"}) {
    const json::value* value = schema.if_contains(rule);
    if (value == nullptr) continue;
    const std::string text =
        value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
    html += fmt::format(", {} <code>{}</code>", rule, escaped(text));
  }
  return html.empty() ? "anything" : html;
}

bool is_required(const json::object& schema, std::string_view name) {
  const json::value* required = schema.if_contains("required");
  if (required == nullptr) return false;
  for (const json::value& one : required->as_array()) {
    if (std::string_view(one.as_string()) == name) return true;
  }
  return false;
}

std::string row(std::string_view name, const std::string& type, std::string_view what) {
  return fmt::format("<tr><td><code>{}</code><td>{}<td>{}\n", escaped(name), type, prose(what));
}

std::string fields_html(const json::object& schema) {
  const json::value* properties = schema.if_contains("properties");
  if (properties == nullptr) return "<p>" + type_html(schema) + "</p>";
  std::string html = "<table>";
  for (const auto& [name, property] : properties->as_object()) {
    const json::object& field = property.as_object();
    const std::string optional = is_required(schema, name) ? "" : ", optional";
    html += row(name, type_html(field) + optional, text_of(field, "description"));
  }
  return html + "</table>";
}

std::string parameters_html(const json::object& operation) {
  const json::value* parameters = operation.if_contains("parameters");
  if (parameters == nullptr || parameters->as_array().empty()) return "";
  std::string html = "<h3>Parameters</h3><table>";
  for (const json::value& parameter : parameters->as_array()) {
    const json::object& one = parameter.as_object();
    const std::string type =
        fmt::format("{}, {}", text_of(one, "in"), type_html(one.at("schema").as_object()));
    html += row(text_of(one, "name"), type, text_of(one, "description"));
  }
  return html + "</table>";
}

std::string body_html(const json::object& operation) {
  const json::value* body = operation.if_contains("requestBody");
  if (body == nullptr) return "";
  const json::object& content = body->at("content").at("application/json").as_object();
  return "<h3>Body</h3>" + fields_html(content.at("schema").as_object()) + "<h3>Example</h3><pre>" +
         escaped(pretty(content.at("example"))) + "</pre>";
}

std::string responses_html(const json::object& operation) {
  std::string html = "<h3>Answers</h3><table>";
  for (const auto& [status, response] : operation.at("responses").as_object()) {
    const json::object& one = response.as_object();
    std::string type;
    if (const json::value* content = one.if_contains("content")) {
      const auto& [media, value] = *content->as_object().begin();
      const json::object& schema = value.at("schema").as_object();
      const bool is_named = schema.contains("$ref");
      type = is_named || media == "application/json" ? type_html(schema) : escaped(media);
    }
    html += row(status, type, text_of(one, "description"));
  }
  return html + "</table>";
}

// Who may ask: one of these shows it, or nobody need.
std::string needs_html(const json::object& operation) {
  std::string needs;
  for (const json::value& one : operation.at("security").as_array()) {
    if (one.as_object().empty()) return "";
    needs += (needs.empty() ? "" : " or ") + escaped(one.as_object().begin()->key());
  }
  return needs.empty() ? "" : "<p>Needs: <code>" + needs + "</code></p>";
}

std::string operation_html(std::string_view path, std::string_view method,
                           const json::object& operation) {
  const std::string id = escaped(text_of(operation, "operationId"));
  std::string html = fmt::format(
      "<details id=\"{}\"><summary><b class=\"{}\">{}</b><code>{}</code><span>{}</span></summary>"
      "<div>",
      id, method, upper(method), escaped(path), escaped(text_of(operation, "summary")));
  if (const auto description = text_of(operation, "description"); !description.empty()) {
    html += "<p>" + prose(description) + "</p>";
  }
  return html + needs_html(operation) + parameters_html(operation) + body_html(operation) +
         responses_html(operation) + "</div></details>\n";
}

std::string group_html(const json::object& document, std::string_view group) {
  std::string html = fmt::format("<h2 id=\"{0}\">{0}</h2>\n", escaped(group));
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      if (std::string_view(operation.at("tags").at(0).as_string()) != group) continue;
      html += operation_html(path, method, operation.as_object());
    }
  }
  return html;
}

}  // namespace

std::string docs_page(const json::object& document) {
  const json::object& info = document.at("info").as_object();
  const json::array& groups = document.at("tags").as_array();
  std::string html = fmt::format(
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{0}: REST interface</title>"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>{1}</style>"
      "<h1>{0} <small>{2}</small></h1><p>{3}</p><nav>",
      escaped(text_of(info, "title")), kStyle, escaped(text_of(info, "version")),
      escaped(text_of(info, "description")));
  for (const json::value& group : groups) {
    const std::string name = escaped(text_of(group.as_object(), "name"));
    html += fmt::format("<a href=\"#{0}\">{0}</a>", name);
  }
  html += "<a href=\"#objects\">objects</a><a href=\"/api/openapi.json\">openapi.json</a></nav>\n";
  for (const json::value& group : groups) {
    html += group_html(document, text_of(group.as_object(), "name"));
  }
  html += "<h2 id=\"objects\">objects</h2>\n";
  for (const auto& [name, schema] : document.at("components").at("schemas").as_object()) {
    html += fmt::format(
        "<details id=\"{0}\" open><summary><code>{0}</code></summary><div>{1}</div></details>\n",
        escaped(name), fields_html(schema.as_object()));
  }
  return html + "</html>\n";
}

}  // namespace server::http
