// Who really sent a request that came through a reverse proxy (TRUST_PROXY).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"

namespace server::http {

class ProxyTrust {
 public:
  explicit ProxyTrust(std::vector<IpAddress> trusted) : trusted_(std::move(trusted)) {}

  struct Origin {
    IpAddress client;
    bool secure = false;
  };

  // `peer` is the address of the connection. X-Forwarded-For is read from its right end and
  // believed only as far as trusted addresses wrote it; of X-Forwarded-Proto the last, from a
  // trusted peer alone.
  Origin resolve(IpAddress peer, bool secure, std::string_view forwarded_for,
                 std::string_view forwarded_proto) const;
  bool is_trusted(const IpAddress& address) const;

 private:
  std::vector<IpAddress> trusted_;
};

}  // namespace server::http
