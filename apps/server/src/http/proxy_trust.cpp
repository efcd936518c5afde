#include "http/proxy_trust.hpp"

#include <algorithm>
#include <optional>

namespace server::http {

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" and "[2001:db8::1]:80", as proxies
// write them; nullopt for anything else.
std::optional<IpAddress> address_of_hop(std::string_view hop) {
  std::string_view host = hop;
  std::string_view port;
  if (hop.starts_with('[')) {
    const std::size_t close = hop.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = hop.substr(1, close - 1);
    port = hop.substr(close + 1);
  } else if (std::ranges::count(hop, ':') == 1) {
    host = hop.substr(0, hop.find(':'));
    port = hop.substr(host.size());
  }
  const bool has_port = port.size() > 1 && port.size() <= 6 && port.starts_with(':') &&
                        port.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (!port.empty() && !has_port) return std::nullopt;
  return IpAddress::parse(host);
}

}  // namespace

ProxyTrust::Origin ProxyTrust::resolve(IpAddress peer, bool secure, std::string_view forwarded_for,
                                       std::string_view forwarded_proto) const {
  if (!is_trusted(peer)) return {peer, secure};
  const std::string_view proto = forwarded_proto.substr(forwarded_proto.rfind(',') + 1);
  Origin origin{peer, secure || trimmed(proto) == "https"};
  while (is_trusted(origin.client) && !forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const bool is_last = comma == std::string_view::npos;
    const auto hop =
        address_of_hop(trimmed(is_last ? forwarded_for : forwarded_for.substr(comma + 1)));
    origin.client = hop.value_or(IpAddress{});
    if (!hop) break;  // what stands further left was not written by whom we trust
    forwarded_for = is_last ? std::string_view{} : forwarded_for.substr(0, comma);
  }
  return origin;
}

bool ProxyTrust::is_trusted(const IpAddress& address) const {
  return std::ranges::any_of(trusted_,
                             [&](const IpNetwork& network) { return network.contains(address); });
}

}  // namespace server::http
