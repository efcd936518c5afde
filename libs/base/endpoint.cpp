#include "base/endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::ranges::copy(kMappedPrefix, address.octets.begin());
  std::ranges::copy(octets, address.octets.begin() + kMappedPrefix.size());
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != std::char_traits<char>::length(terminated.c_str())) return std::nullopt;
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.octets.data()) == 1) return address;
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::ranges::equal(Bytes(octets).first(kMappedPrefix.size()), kMappedPrefix);
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return octets[12] == 127;
  IpAddress loopback;
  loopback.octets[15] = 1;
  return *this == loopback;
}

bool IpAddress::is_unspecified() const { return *this == IpAddress{} || *this == v4({0, 0, 0, 0}); }

Bytes IpAddress::wire() const {
  return is_v4() ? Bytes(octets).subspan(kMappedPrefix.size()) : Bytes(octets);
}

IpAddress IpAddress::network() const {
  IpAddress network = *this;
  if (!is_v4()) std::fill(network.octets.begin() + 8, network.octets.end(), std::uint8_t{0});
  return network;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4() ? AF_INET : AF_INET6, wire().data(), text, sizeof text);
  return text;
}

bool is_loopback_authority(std::string_view authority) {
  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') : 0;
  const std::string_view host = authority.substr(0, authority.find(':', host_end));
  constexpr std::string_view kName = "localhost";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  if (std::ranges::equal(host, kName, same)) return true;
  const bool is_bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  const auto address = IpAddress::parse(is_bracketed ? host.substr(1, host.size() - 2) : host);
  return address && address->is_loopback() && address->is_v4() != is_bracketed;
}

std::string Endpoint::to_string() const {
  const std::string host = address.to_string();
  return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}
