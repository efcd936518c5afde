#include "http/proxy_trust.hpp"

#include <algorithm>

namespace server::http {

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
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
        IpAddress::parse(trimmed(is_last ? forwarded_for : forwarded_for.substr(comma + 1)));
    if (!hop) break;  // what stands further left was not written by whom we trust
    origin.client = *hop;
    forwarded_for = is_last ? std::string_view{} : forwarded_for.substr(0, comma);
  }
  return origin;
}

bool ProxyTrust::is_trusted(const IpAddress& address) const {
  return std::ranges::find(trusted_, address) != trusted_.end();
}

}  // namespace server::http
