#include "rtc/ice/ice_candidate.hpp"

#include <algorithm>

namespace rtc {

namespace {

constexpr std::size_t kAddressesMax = 256;
constexpr std::uint32_t kHostUdp = 126;   // RFC 8445 section 5.1.2.2
constexpr std::uint32_t kHostTcp = 90;    // RFC 6544 section 4.2: below every kind of UDP
constexpr std::uint32_t kPassiveTcp = 4;  // direction preference, RFC 6544 section 4.2
constexpr std::uint32_t kComponent = 1;   // RTP and RTCP share one

std::uint32_t priority(std::uint32_t type, std::uint32_t local) {
  return type << 24 | local << 8 | (256 - kComponent);
}

}  // namespace

std::vector<IceCandidate> host_candidates(std::span<const IpAddress> addresses,
                                          std::uint16_t udp_port, std::uint16_t tcp_port) {
  addresses = addresses.first(std::min(addresses.size(), kAddressesMax));
  std::vector<IceCandidate> candidates;
  std::uint32_t order = 0;
  for (const IpAddress& address : addresses) {
    candidates.push_back({.foundation = "udp" + std::to_string(order),
                          .priority = priority(kHostUdp, 65535 - order),
                          .endpoint = {address, udp_port},
                          .protocol = IceProtocol::Udp});
    ++order;
  }
  order = 0;
  for (const IpAddress& address : addresses) {
    if (tcp_port == 0) break;
    candidates.push_back({.foundation = "tcp" + std::to_string(order),
                          .priority = priority(kHostTcp, kPassiveTcp << 13 | (8191 - order)),
                          .endpoint = {address, tcp_port},
                          .protocol = IceProtocol::Tcp});
    ++order;
  }
  return candidates;
}

}  // namespace rtc
