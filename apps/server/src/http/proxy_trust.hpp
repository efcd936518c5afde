// Who really sent a request that came through a reverse proxy (TRUST_PROXY).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.hpp"

namespace server::http {

class ProxyTrust {
 public:
  explicit ProxyTrust(std::vector<IpNetwork> trusted) : trusted_(std::move(trusted)) {}

  struct Origin {
    IpAddress client;
    bool secure = false;
  };

  // `peer` is the address of the connection. X-Forwarded-For is read from its right end and
  // believed only as far as trusted addresses wrote it; of X-Forwarded-Proto the last, from a
  // trusted peer alone. An entry may carry a port. Where a trusted proxy names no address
  // ("unknown"), the client is the unspecified address: all of those count as one, and none is
  // taken for a proxy or for this machine.
  Origin resolve(IpAddress peer, bool secure, std::string_view forwarded_for,
                 std::string_view forwarded_proto) const;
  bool is_trusted(const IpAddress& address) const;

 private:
  std::vector<IpNetwork> trusted_;
};

}  // namespace server::http
