// A block of IP addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3).
#pragma once

#include <optional>
#include <string_view>

#include "base/endpoint.hpp"

class IpNetwork {
 public:
  // One address.
  explicit IpNetwork(IpAddress address) : network_(address) {}

  // "10.0.0.0/8", "2001:db8::/32", or an address alone. Bits below the prefix are ignored. nullopt
  // for anything else.
  static std::optional<IpNetwork> parse(std::string_view text);

  bool contains(const IpAddress& address) const;

 private:
  IpAddress network_;
  unsigned prefix_bits_ = 128;  // of the IPv6 form, in which IpAddress keeps IPv4 too
};
