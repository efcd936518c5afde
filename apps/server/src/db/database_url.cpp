#include "db/database_url.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace server::db {
namespace {

constexpr std::string_view kAllowed = "sqlite:<file> or postgresql://user:password@host:port/db";

bool is_identifier(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::expected<std::string, std::string> libpq_uri(std::string_view url) {
  static constexpr std::array<std::string_view, 6> kPrismaOnly{
      "connection_limit", "pool_timeout",         "pgbouncer",
      "socket_timeout",   "statement_cache_size", "max_idle_connection_lifetime"};
  const std::size_t question = url.find('?');
  std::string uri(url.substr(0, question));
  // A dead server is noticed in seconds, and no statement outlives the callers that wait for it.
  std::string query =
      "application_name=webrtc-chat&connect_timeout=3&keepalives_idle=10"
      "&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=10000";
  const std::string_view given =
      question == std::string_view::npos ? std::string_view{} : url.substr(question + 1);
  for (const std::string_view parameter : split(given, '&')) {
    const std::string_view name = parameter.substr(0, parameter.find('='));
    if (std::ranges::find(kPrismaOnly, name) != kPrismaOnly.end()) continue;
    query += '&';
    if (name == "schema") {
      const std::string_view schema = parameter.substr(std::min(name.size() + 1, parameter.size()));
      if (!is_identifier(schema)) return std::unexpected("schema in it must be a plain name");
      query += "options=-csearch_path%3D" + std::string(schema);
    } else {
      query += parameter;
    }
  }
  return uri + "?" + query;
}

}  // namespace

std::expected<DatabaseUrl, std::string> DatabaseUrl::parse(std::string_view url) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    return DatabaseUrl{Kind::Sqlite, std::string(url.substr(kSqlite.size()))};
  }
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    auto uri = libpq_uri(url);
    if (!uri) return std::unexpected(std::move(uri.error()));
    return DatabaseUrl{Kind::Postgresql, std::move(*uri)};
  }
  return std::unexpected("must be " + std::string(kAllowed));
}

}  // namespace server::db
