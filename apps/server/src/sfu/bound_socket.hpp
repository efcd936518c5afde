// A socket on the media port, of whatever protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/endpoint.hpp"

namespace server::sfu {

struct BoundSocket {
  int descriptor = -1;  // owned by whoever asked
  bool is_ipv6 = true;  // takes addresses of IPv6, mapped ones of IPv4 among them
  std::uint16_t port = 0;
};

// Non-blocking, bound to `listen`, or to every address of both families (IPv4 alone where the
// system has no IPv6); "::" means both too. `type` is SOCK_DGRAM or SOCK_STREAM. Port 0 takes a
// free one. Throws std::system_error when the system refuses.
BoundSocket bind_socket(int type, const std::optional<IpAddress>& listen, std::uint16_t port);

// Throws std::system_error, with `what` in its text.
void set_option(int socket, int level, int name, int value, const char* what);

}  // namespace server::sfu
