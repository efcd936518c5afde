// Helpers of the RTCP tests: a datagram of one packet, written or given in hexadecimal.
#pragma once

#include <gtest/gtest.h>

#include <list>
#include <string_view>
#include <utility>
#include <vector>

#include "rtc/rtcp/rtcp_packet.hpp"
#include "rtc/testing/hex.hpp"

namespace rtc::testing {

// What `write(ByteWriter&)` writes.
template <class Write>
std::vector<std::uint8_t> written(Write&& write) {
  std::vector<std::uint8_t> buffer(2000);
  ByteWriter out(buffer);
  write(out);
  EXPECT_TRUE(out.ok());
  EXPECT_EQ(out.size() % 4, 0U);
  buffer.resize(out.size());
  return buffer;
}

// The one packet that the datagram consists of. Its views stay good: the datagram is kept.
inline RtcpPacket only_packet(std::vector<std::uint8_t> datagram) {
  static std::list<std::vector<std::uint8_t>> kept;
  RtcpReader reader(kept.emplace_back(std::move(datagram)));
  const auto packet = reader.next();
  EXPECT_TRUE(packet);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.ok());
  return packet.value_or(RtcpPacket{});
}

// Parses every cut of the packet's body (of exact size on the heap, so that ASan sees a read of
// even one octet too many) and returns the sizes of body that were accepted.
template <class Packet>
std::vector<std::size_t> accepted_cuts(const std::vector<std::uint8_t>& datagram) {
  const RtcpPacket whole = only_packet(datagram);
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size <= whole.body.size(); ++size) {
    const std::vector<std::uint8_t> body(whole.body.begin(),
                                         whole.body.begin() + static_cast<long>(size));
    RtcpPacket cut = whole;
    cut.body = body;
    if (Packet::parse(cut)) sizes.push_back(size);
  }
  return sizes;
}

}  // namespace rtc::testing
