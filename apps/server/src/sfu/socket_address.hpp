// Addresses between the engine's form and the system's, and the ancillary data that carries them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/endpoint.hpp"

namespace server::sfu {

Endpoint from_sockaddr(const sockaddr_storage& storage);
// The address in the form that a socket of the family takes; its size is returned.
socklen_t to_sockaddr(const Endpoint& endpoint, bool is_ipv6, sockaddr_storage& storage);

// Octets of ancillary data: one address, one segment size and one count.
inline constexpr std::size_t kControlSize = 96;

struct ReceivedControl {
  IpAddress to;                  // the local address; a dual-stack socket tells IPv4 as mapped
  std::size_t segment_size = 0;  // of merged datagrams, else 0
  std::uint32_t overflows = 0;   // datagrams so far that the socket had no room for (SO_RXQ_OVFL)
};
ReceivedControl read_control(msghdr& message);

// The source address, and how long the datagrams are that the message is split into (0: it is
// one). `message` has kControlSize octets of zeroed control space; an unspecified source is left to
// the system.
void write_control(msghdr& message, const IpAddress& from, bool is_ipv6, std::size_t segment_size);

}  // namespace server::sfu
