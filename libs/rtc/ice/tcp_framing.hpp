// Packets on a TCP connection (RFC 4571): two octets of length before each.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace rtc {

// Cuts what a connection brings into packets. One buffer of fixed size, whatever comes.
//
//   connection.read(deframer.space()) …
//   deframer.filled(count);
//   while (auto packet = deframer.next()) …
//   if (deframer.is_broken()) …  // close the connection
class TcpDeframer {
 public:
  static constexpr std::size_t kPacketMax = 2048;  // octets, as of a datagram

  // Where the next octets go; never empty unless broken, once next() has given nullopt.
  MutableBytes space() { return MutableBytes(buffer_).subspan(end_); }
  void filled(std::size_t size) { end_ += size; }

  // The next whole packet, good until the next call of space(). Packets without octets are passed
  // over.
  std::optional<MutableBytes> next();
  // A packet was announced that is longer than any may be.
  bool is_broken() const { return is_broken_; }

 private:
  std::array<std::uint8_t, 2 * (kPacketMax + 2)> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_broken_ = false;
};

// The length to put before a packet of this size.
std::array<std::uint8_t, 2> tcp_frame_header(std::uint16_t size);

}  // namespace rtc
