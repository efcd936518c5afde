#include "http/wire.hpp"

#include <fmt/format.h>

#include <iterator>

namespace server::http {

namespace {

namespace beast_http = boost::beast::http;

ApiError bad_target(std::string message) {
  return ApiError{400, "VALIDATION_ERROR", std::move(message), {}, {}};
}

std::optional<Method> method_of(beast_http::verb verb) {
  switch (static_cast<int>(verb)) {
    case static_cast<int>(beast_http::verb::get):
      return Method::Get;
    case static_cast<int>(beast_http::verb::head):
      return Method::Head;
    case static_cast<int>(beast_http::verb::post):
      return Method::Post;
    case static_cast<int>(beast_http::verb::put):
      return Method::Put;
    case static_cast<int>(beast_http::verb::patch):
      return Method::Patch;
    case static_cast<int>(beast_http::verb::delete_):
      return Method::Delete;
    case static_cast<int>(beast_http::verb::options):
      return Method::Options;
    default:
      return std::nullopt;
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Length of the UTF-8 sequence at the front (RFC 3629 section 4); 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
  const bool surrogate = first == 0xED && at(1) > 0x9F;
  const bool too_large = first == 0xF4 && at(1) > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// RFC 9112 section 6.1: a body's length must be told in one way that everybody before us reads as
// we do. Beast passes over codings that it does not know, so that the body would become a request.
bool is_framing_clear(const RequestHeader& header) {
  const std::size_t codings = header.count(beast_http::field::transfer_encoding);
  if (codings == 0) return true;
  return codings == 1 && header.version() >= 11 &&
         header.count(beast_http::field::content_length) == 0 &&
         boost::beast::iequals(header[beast_http::field::transfer_encoding], "chunked");
}

// The pairs of a query; false when one cannot be decoded.
bool read_query(std::string_view query, Request& request) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return false;
    request.query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    decoded += c;
  }
  if (!is_utf8(decoded)) return std::nullopt;
  return decoded;
}

Result<Request> to_request(const RequestHeader& header) {
  Request request;
  request.headers.reserve(8);
  for (const auto& field : header) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  const auto method = method_of(header.method());
  if (!method) return fail(405, "METHOD_NOT_ALLOWED", "this method is not used here");
  request.method = *method;

  const std::string_view target = header.target();
  if (!target.starts_with('/')) return std::unexpected(bad_target("the target must be a path"));
  const std::size_t query_start = std::min(target.find('?'), target.size());
  auto path = percent_decode(target.substr(0, query_start), false);
  if (!path) return std::unexpected(bad_target("the path cannot be decoded"));
  request.path = std::move(*path);
  const bool has_query = query_start < target.size();
  if (has_query && !read_query(target.substr(query_start + 1), request)) {
    return std::unexpected(bad_target("the query cannot be decoded"));
  }
  if (!is_framing_clear(header)) {
    return std::unexpected(bad_target("Transfer-Encoding must be \"chunked\", alone, and once"));
  }
  const bool needs_host = header.version() >= 11;
  if (needs_host && header.count(beast_http::field::host) != 1) {
    return std::unexpected(bad_target("exactly one Host header is required"));
  }
  return request;
}

std::string header_text(const Response& response, std::size_t body_size, bool keep_alive) {
  const auto reason = beast_http::obsolete_reason(static_cast<beast_http::status>(response.status));
  std::string text;
  text.reserve(response.shared_headers.size() + 512);
  fmt::format_to(std::back_inserter(text), "HTTP/1.1 {} {}\r\n", response.status,
                 std::string_view(reason));
  for (const auto& [name, value] : response.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  text += response.shared_headers;
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n", body_size);
  text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return text;
}

}  // namespace server::http
