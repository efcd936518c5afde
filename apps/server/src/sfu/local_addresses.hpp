// The addresses of this machine that a browser may reach it by.
#pragma once

#include <vector>

#include "base/endpoint.hpp"

namespace server::sfu {

// Of the interfaces that are up, IPv4 first; neither link-local nor multicast ones. Loopback last:
// it serves pages on this machine, and is all there is on one without a network.
std::vector<IpAddress> local_addresses();

}  // namespace server::sfu
