#include "rtc/forward/producer_stream.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace {

using namespace rtc;

void receive(ProducerStream& stream, std::uint16_t sequence, Bytes datagram) {
  MediaPacket packet;
  packet.header.sequence = sequence;
  ASSERT_TRUE(stream.receive(Instant(), packet, datagram));
}

TEST(ProducerStream, KeepsPacketsOnceSomebodyCanAskForThem) {
  const std::array<std::uint8_t, 3> datagram{1, 2, 3};
  ProducerStream stream({.ssrc = 1});
  receive(stream, 7, datagram);
  EXPECT_FALSE(stream.cached(Instant(), 7));
  stream.keep_packets();
  receive(stream, 8, datagram);
  stream.keep_packets();  // for the next consumer: the first one's packets stay
  EXPECT_FALSE(stream.cached(Instant(), 7));
  const auto kept = stream.cached(Instant(), 8);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(std::ranges::equal(*kept, datagram));
}

TEST(ProducerStream, KeepsNoSound) {
  const std::array<std::uint8_t, 3> datagram{1, 2, 3};
  ProducerStream stream({.ssrc = 1, .clock_rate = 48000, .kind = MediaKind::Audio});
  stream.keep_packets();
  receive(stream, 7, datagram);
  EXPECT_FALSE(stream.cached(Instant(), 7));
}

}  // namespace
