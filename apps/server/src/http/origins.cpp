#include "http/origins.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace server::http {

namespace {

constexpr std::array<std::string_view, 3> kLoopbackHosts{"localhost", "127.0.0.1", "[::1]"};

// Scheme, host and port in lower case, without the port that the scheme implies (RFC 6454
// section 6.2).
std::string normalized(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::string(url);
  const std::size_t path = url.find('/', scheme_end + 3);
  std::string origin(url.substr(0, path));
  std::ranges::transform(origin, origin.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto& [scheme, port] : {std::pair{"http://", ":80"}, std::pair{"https://", ":443"}}) {
    if (origin.starts_with(scheme) && origin.ends_with(port)) {
      origin.resize(origin.size() - std::string_view(port).size());
    }
  }
  return origin;
}

}  // namespace

Origins::Origins(std::string_view public_url, const std::vector<std::string>& further) {
  allowed_.push_back(normalized(public_url));
  const std::string own = allowed_.front();
  const std::size_t host_start = own.find("://") + 3;
  for (const std::string_view host : kLoopbackHosts) {
    const std::string_view authority = std::string_view(own).substr(host_start);
    const bool is_host = authority.starts_with(host) &&
                         (authority.size() == host.size() || authority[host.size()] == ':');
    if (!is_host) continue;
    for (const std::string_view twin : kLoopbackHosts) {
      allowed_.push_back(own.substr(0, host_start) + std::string(twin) +
                         std::string(authority.substr(host.size())));
    }
  }
  for (const std::string& origin : further) allowed_.push_back(normalized(origin));
}

bool Origins::allows(std::string_view origin) const {
  return std::ranges::find(allowed_, normalized(origin)) != allowed_.end();
}

}  // namespace server::http
