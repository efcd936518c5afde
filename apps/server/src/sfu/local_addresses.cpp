#include "sfu/local_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "sfu/socket_address.hpp"

namespace server::sfu {

namespace {

bool is_link_local(const IpAddress& address) {
  const Bytes wire = address.wire();
  if (address.is_v4()) return wire[0] == 169 && wire[1] == 254;  // RFC 3927
  return wire[0] == 0xFE && (wire[1] & 0xC0) == 0x80;            // RFC 4291 section 2.5.6
}

int rank(const IpAddress& address) {
  return (address.is_loopback() ? 2 : 0) + (address.is_v4() ? 0 : 1);
}

}  // namespace

std::vector<IpAddress> local_addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const bool is_up = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_RUNNING) != 0;
    if (!is_up || one->ifa_addr == nullptr) continue;
    const int family = one->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ifa_addr,
                family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    const IpAddress address = from_sockaddr(storage).address;
    if (!is_link_local(address)) addresses.push_back(address);
  }
  std::ranges::sort(addresses, {}, [](const IpAddress& one) { return std::pair(rank(one), one); });
  return addresses;
}

}  // namespace server::sfu
