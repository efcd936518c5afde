#include "rtc/forward/producer_stream.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace {

using namespace rtc;
using namespace std::chrono_literals;

void receive(ProducerStream& stream, std::uint16_t sequence, Bytes datagram, Instant now = {}) {
  MediaPacket packet;
  packet.header.sequence = sequence;
  ASSERT_TRUE(stream.receive(now, packet, datagram));
}

constexpr std::array<std::uint8_t, 3> kDatagram{1, 2, 3};

// How often key frames are asked for from `begin` to `end`, looking every 10 ms.
int requests(ProducerStream& stream, Instant begin, Instant end) {
  int count = 0;
  for (Instant now = begin; now < end; now = now + 10ms) {
    std::array<std::int64_t, 64> missing;
    stream.poll_nack(now, missing);
    count += stream.poll_key_frame_request(now) ? 1 : 0;
  }
  return count;
}

TEST(ProducerStream, RepeatsAKeyFrameRequestWhileTheStreamGoesOn) {
  ProducerStream stream({.ssrc = 1});
  stream.request_key_frame();
  int count = 0;
  for (std::uint16_t second = 0; second < 5; ++second) {
    receive(stream, second, kDatagram, Instant::at(second * 1s));
    count += requests(stream, Instant::at(second * 1s), Instant::at((second + 1) * 1s));
  }
  EXPECT_EQ(count, 10);
  stream.on_key_frame();
  EXPECT_EQ(requests(stream, Instant::at(5s), Instant::at(6s)), 0);
}

TEST(ProducerStream, AsksASilentStreamForAKeyFrameTwiceAndAgainWhenItIsHeard) {
  ProducerStream stream({.ssrc = 1});
  receive(stream, 1, kDatagram);
  stream.request_key_frame();
  EXPECT_EQ(requests(stream, Instant::at(2s), Instant::at(30s)), 2);
  EXPECT_EQ(stream.next_timeout(), Instant::never());
  receive(stream, 2, kDatagram, Instant::at(30s));
  EXPECT_EQ(requests(stream, Instant::at(30s), Instant::at(30'900ms)), 2);
}

// A browser with a thin uplink switches its upper layers off; their last packets may be lost.
TEST(ProducerStream, AsksForNothingOfALayerThatWasSwitchedOffWithPacketsMissing) {
  ProducerStream stream({.ssrc = 1});
  receive(stream, 1, kDatagram);
  receive(stream, 40, kDatagram, Instant::at(10ms));
  EXPECT_EQ(requests(stream, Instant::at(1100ms), Instant::at(60s)), 0);
  EXPECT_EQ(stream.next_timeout(), Instant::never());
}

TEST(ProducerStream, ForgetsWhatWasMissingBeforeAPause) {
  ProducerStream stream({.ssrc = 1});
  receive(stream, 1, kDatagram);
  receive(stream, 5, kDatagram, Instant::at(10ms));
  receive(stream, 6, kDatagram, Instant::at(3s));
  std::array<std::int64_t, 8> missing;
  EXPECT_TRUE(stream.poll_nack(Instant::at(4s), missing).empty());
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
