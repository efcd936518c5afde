// The way between us and a remote end, as sockets tell one from the other.
#pragma once

#include <compare>
#include <cstdint>

#include "base/endpoint.hpp"

namespace rtc {

struct Path {
  Endpoint remote;
  IpAddress local;               // of ours, as the packets came in: answers leave from there
  std::uint32_t connection = 0;  // of TCP, numbered by the socket shell; 0: UDP

  // To another engine, as the shell numbers them: no socket carries it.
  static Path pipe(std::uint16_t number) {
    return {.remote = {.address = {}, .port = number}, .local = {}, .connection = kPipe};
  }
  bool is_pipe() const { return connection == kPipe; }

  static constexpr std::uint32_t kPipe = ~std::uint32_t{0};  // never a connection's
  friend auto operator<=>(const Path&, const Path&) = default;
};

}  // namespace rtc

template <>
struct std::hash<rtc::Path> {
  std::size_t operator()(const rtc::Path& path) const noexcept {
    return std::hash<Endpoint>{}(path.remote) * 31 + path.connection;
  }
};
