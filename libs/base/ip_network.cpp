#include "base/ip_network.hpp"

#include <charconv>

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpNetwork network(*address);
  if (slash == std::string_view::npos) return network;

  const unsigned bits_max = address->is_v4() ? 32 : 128;
  const std::string_view number = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
  const bool is_whole = error == std::errc{} && end == number.data() + number.size();
  if (!is_whole || bits > bits_max) return std::nullopt;
  network.prefix_bits_ = bits + 128 - bits_max;
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  for (unsigned bit = 0; bit < prefix_bits_; bit += 8) {
    const unsigned octet = bit / 8;
    const unsigned bits_here = prefix_bits_ - bit < 8 ? prefix_bits_ - bit : 8;
    const auto mask = static_cast<std::uint8_t>(0xFF00U >> bits_here);
    if (((network_.octets[octet] ^ address.octets[octet]) & mask) != 0) return false;
  }
  return true;
}
