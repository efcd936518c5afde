// The host candidates that a lite agent offers (RFC 8445 section 5.1, RFC 6544 section 4).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/endpoint.hpp"

namespace rtc {

enum class IceProtocol : std::uint8_t { Udp, Tcp };

struct IceCandidate {
  std::string foundation;      // equal for candidates of one kind, protocol and address
  std::uint32_t priority = 0;  // the higher the sooner it is tried
  Endpoint endpoint;
  IceProtocol protocol = IceProtocol::Udp;  // TCP candidates are passive
};

// One UDP and, where `tcp_port` is not 0, one TCP candidate for each address; all of UDP come
// before all of TCP, and in each the addresses in their order. At most 256 addresses.
std::vector<IceCandidate> host_candidates(std::span<const IpAddress> addresses,
                                          std::uint16_t udp_port, std::uint16_t tcp_port);

}  // namespace rtc
