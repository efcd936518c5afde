#include "http/message.hpp"

#include <algorithm>
#include <cctype>

namespace server::http {

namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The value of `name` in one Cookie header (RFC 6265 section 4.2.1).
std::optional<std::string_view> cookie_in(std::string_view pairs, std::string_view name) {
  while (!pairs.empty()) {
    const std::size_t end = pairs.find(';');
    const std::string_view pair = trimmed(pairs.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
    if (end == std::string_view::npos) break;
    pairs.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [&](const Header& header) { return equals_ignoring_case(header.first, name); });
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

std::string Request::header_list(std::string_view name) const {
  std::string list;
  for (const auto& [header_name, value] : headers) {
    if (!equals_ignoring_case(header_name, name)) continue;
    if (!list.empty()) list += ", ";
    list += value;
  }
  return list;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
  for (const auto& [header_name, value] : headers) {
    if (!equals_ignoring_case(header_name, "Cookie")) continue;
    if (const auto found = cookie_in(value, name)) return found;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  const auto found =
      std::ranges::find_if(query, [&](const auto& pair) { return pair.first == name; });
  if (found == query.end()) return std::nullopt;
  return found->second;
}

Response& Response::set(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

}  // namespace server::http
