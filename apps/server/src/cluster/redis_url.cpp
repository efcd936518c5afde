#include "cluster/redis_url.hpp"

#include <boost/url/parse.hpp>
#include <charconv>

namespace server::cluster {

namespace {

constexpr int kDatabaseMax = 1'000'000;

}  // namespace

std::expected<RedisUrl, std::string> RedisUrl::parse(std::string_view text) {
  const auto allowed = [] { return std::unexpected("redis://[[user]:password@]host[:port][/db]"); };
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->scheme() != "redis" || url->encoded_host().empty()) return allowed();
  if (url->has_query() || url->has_fragment()) return allowed();
  RedisUrl parsed;
  parsed.host = url->host_address();
  if (url->has_port()) parsed.port = url->port();
  if (url->has_port() && url->port_number() == 0) return allowed();
  parsed.user = url->user();
  parsed.password = url->password();
  if (parsed.password.empty() && !parsed.user.empty()) return allowed();
  std::string_view path = url->encoded_path();
  if (path.starts_with('/')) path.remove_prefix(1);
  if (!path.empty()) {
    int database = -1;
    const auto [end, error] = std::from_chars(path.begin(), path.end(), database);
    const bool is_number = error == std::errc{} && end == path.end();
    if (!is_number || database < 0 || database > kDatabaseMax) return allowed();
    parsed.database = std::to_string(database);
  }
  return parsed;
}

}  // namespace server::cluster
