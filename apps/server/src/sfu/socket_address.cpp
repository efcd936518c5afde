#include "sfu/socket_address.hpp"

#include <netinet/udp.h>

#include <array>
#include <cstring>

namespace server::sfu {

namespace {

IpAddress from_in4(const in_addr& address) {
  std::array<std::uint8_t, 4> octets{};
  std::memcpy(octets.data(), &address, octets.size());
  return IpAddress::v4(octets);
}

IpAddress from_in6(const in6_addr& address) {
  IpAddress result;
  std::memcpy(result.octets.data(), &address, result.octets.size());
  return result;
}

template <class Value>
Value read(const cmsghdr* part) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(part), sizeof value);
  return value;
}

// Appends at `part` and returns the place of the next.
template <class Value>
cmsghdr* write(msghdr& message, cmsghdr* part, int level, int type, const Value& value,
               std::size_t& size) {
  part->cmsg_level = level;
  part->cmsg_type = type;
  part->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(part), &value, sizeof value);
  size += CMSG_SPACE(sizeof value);
  return CMSG_NXTHDR(&message, part);
}

}  // namespace

Endpoint from_sockaddr(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &storage, sizeof four);
    return {from_in4(four.sin_addr), ntohs(four.sin_port)};
  }
  sockaddr_in6 six{};
  std::memcpy(&six, &storage, sizeof six);
  return {from_in6(six.sin6_addr), ntohs(six.sin6_port)};
}

socklen_t to_sockaddr(const Endpoint& endpoint, bool is_ipv6, sockaddr_storage& storage) {
  if (is_ipv6) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(endpoint.port);
    std::memcpy(&six.sin6_addr, endpoint.address.octets.data(), sizeof six.sin6_addr);
    std::memcpy(&storage, &six, sizeof six);
    return sizeof six;
  }
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(endpoint.port);
  std::memcpy(&four.sin_addr, endpoint.address.octets.data() + 12, sizeof four.sin_addr);
  std::memcpy(&storage, &four, sizeof four);
  return sizeof four;
}

ReceivedControl read_control(msghdr& message) {
  ReceivedControl control;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      control.to = from_in6(read<in6_pktinfo>(part).ipi6_addr);
    } else if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      control.to = from_in4(read<in_pktinfo>(part).ipi_addr);
    } else if (part->cmsg_level == SOL_UDP && part->cmsg_type == UDP_GRO) {
      control.segment_size = static_cast<std::size_t>(read<int>(part));
    } else if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL) {
      control.overflows = read<std::uint32_t>(part);
    }
  }
  return control;
}

void write_control(msghdr& message, const IpAddress& from, bool is_ipv6, std::size_t segment_size) {
  std::size_t size = 0;
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  if (!from.is_unspecified() && is_ipv6) {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, from.octets.data(), sizeof info.ipi6_addr);
    part = write(message, part, IPPROTO_IPV6, IPV6_PKTINFO, info, size);
  } else if (!from.is_unspecified()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, from.octets.data() + 12, sizeof info.ipi_spec_dst);
    part = write(message, part, IPPROTO_IP, IP_PKTINFO, info, size);
  }
  if (segment_size > 0) {
    write(message, part, SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment_size), size);
  }
  message.msg_controllen = size;
  if (size == 0) message.msg_control = nullptr;
}

}  // namespace server::sfu
