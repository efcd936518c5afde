// An IP address and port as plain values: what a protocol needs to know of a socket address.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

// IPv4 is kept as its IPv4-mapped IPv6 form (RFC 4291 section 2.5.5.2), so one
// dual-stack socket and two plain ones name the same peer in the same way.
struct IpAddress {
  std::array<std::uint8_t, 16> octets{};

  static IpAddress v4(std::array<std::uint8_t, 4> octets);
  // Dotted IPv4 or IPv6 text, without zone and brackets; nullopt for anything else.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  bool is_loopback() const;
  bool is_unspecified() const;
  // The 4 octets of IPv4 or the 16 of IPv6.
  Bytes wire() const;
  std::string to_string() const;
  // Who shares limits: the address itself, or the /64 of IPv6, which one customer has at least
  // (RFC 6177).
  IpAddress network() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// Whether the authority of a URL or a Host header, host[:port], is this machine's name for itself:
// "localhost", an address of 127.0.0.0/8, or "[::1]".
bool is_loopback_authority(std::string_view authority);

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  // "192.0.2.1:80" or "[2001:db8::1]:80".
  std::string to_string() const;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

template <>
struct std::hash<Endpoint> {
  std::size_t operator()(const Endpoint& endpoint) const noexcept {
    return std::hash<std::string_view>{}(text_of(endpoint.address.octets)) * 31 + endpoint.port;
  }
};
