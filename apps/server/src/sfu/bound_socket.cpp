#include "sfu/bound_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sfu/socket_address.hpp"

namespace server::sfu {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}

}  // namespace

void set_option(int socket, int level, int name, int value, const char* what) {
  if (setsockopt(socket, level, name, &value, sizeof value) != 0) fail(what);
}

BoundSocket bind_socket(int type, const std::optional<IpAddress>& listen, std::uint16_t port) {
  const char* const protocol = type == SOCK_DGRAM ? "UDP" : "TCP";
  const int flags = type | SOCK_NONBLOCK | SOCK_CLOEXEC;
  BoundSocket bound;
  bound.is_ipv6 = !listen || !listen->is_v4();
  bound.descriptor = socket(bound.is_ipv6 ? AF_INET6 : AF_INET, flags, 0);
  if (bound.descriptor < 0 && !listen && errno == EAFNOSUPPORT) {
    bound.is_ipv6 = false;
    bound.descriptor = socket(AF_INET, flags, 0);
  }
  if (bound.descriptor < 0) fail(protocol);
  try {
    if (bound.is_ipv6) {
      const bool is_one_family = listen && !listen->is_unspecified();
      set_option(bound.descriptor, IPPROTO_IPV6, IPV6_V6ONLY, is_one_family ? 1 : 0, "IPV6_V6ONLY");
    }
    // Connections of the last run that still linger do not stop a new one.
    if (type == SOCK_STREAM) set_option(bound.descriptor, SOL_SOCKET, SO_REUSEADDR, 1, "REUSEADDR");
    sockaddr_storage address{};
    const IpAddress any = bound.is_ipv6 ? IpAddress{} : IpAddress::v4({0, 0, 0, 0});
    const Endpoint wanted{listen.value_or(any), port};
    const socklen_t size = to_sockaddr(wanted, bound.is_ipv6, address);
    if (bind(bound.descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
      fail(std::string(protocol).append(" ").append(wanted.to_string()));
    }
    socklen_t bound_size = sizeof address;
    if (getsockname(bound.descriptor, reinterpret_cast<sockaddr*>(&address), &bound_size) != 0) {
      fail("getsockname");
    }
    bound.port = from_sockaddr(address).port;
  } catch (...) {
    close(bound.descriptor);
    throw;
  }
  return bound;
}

}  // namespace server::sfu
