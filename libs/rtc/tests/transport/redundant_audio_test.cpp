// Redundant audio (RFC 2198) and pauses in Opus on their way to receivers that know them, or not.
#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

class RedundantAudioTest : public EngineFixture {
 protected:
  static constexpr std::uint8_t kOpus = 111;
  static constexpr std::uint8_t kRed = 63;

  RedundantAudioTest() {
    const auto source = *engine.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
    producer = *engine.produce(source, {.kind = MediaKind::Audio,
                                        .payload_type = kOpus,
                                        .red_payload_type = kRed,
                                        .streams = {{.ssrc = kSsrc, .kind = MediaKind::Audio}}});
    add_consumer(10, 100, 109);
    add_consumer(11, 96, 0);
    add_consumer(12, 98, 99);
  }

  void add_consumer(std::uint16_t port, std::uint8_t opus, std::uint8_t red) {
    const auto sink = engine.open_plain({.path = path(port), .send_key = {}, .receive_key = {}});
    Consumer::Options options;
    options.ssrc = port;
    options.payload_type = opus;
    options.red_payload_type = red;
    options.clock_rate = 48000;
    options.kind = MediaKind::Audio;
    options.first_sequence = 500;
    ASSERT_TRUE(engine.consume(*sink, producer, options));
  }
  struct Sound {
    std::uint8_t payload_type = kRed;
    std::uint32_t timestamp = 0;
    bool marker = false;
  };
  void send(const Sound& sound, std::string_view payload) {
    receive(Instant(), path(1),
            rtp_packet({.payload_type = sound.payload_type,
                        .marker = sound.marker,
                        .sequence = ++sequence,
                        .timestamp = sound.timestamp,
                        .ssrc = kSsrc},
                       hex(payload)));
  }
  std::vector<RtpView> received(std::uint16_t port) {
    datagrams = sent_to(port);
    std::vector<RtpView> views;
    for (const Octets& datagram : datagrams) views.push_back(*RtpView::parse(datagram));
    return views;
  }
  static Octets octets(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

  ProducerId producer{};
  std::uint16_t sequence = 0;
  std::vector<Octets> datagrams;
};

TEST_F(RedundantAudioTest, GoesOnAsItIsWithThePayloadTypesOfTheReceiver) {
  send({}, "ef 0f00 03 6f 0a0b0c 0d0e");
  for (const auto& [port, red, blocks] : {std::tuple(std::uint16_t{10}, 109, "e4 0f00 03 64"),
                                          std::tuple(std::uint16_t{12}, 99, "e2 0f00 03 62")}) {
    const auto views = received(port);
    ASSERT_EQ(views.size(), 1U);
    EXPECT_EQ(views[0].header.payload_type, red);
    EXPECT_EQ(octets(views[0].payload), hex(std::string(blocks) + "0a0b0c 0d0e"));
  }
}

TEST_F(RedundantAudioTest, WhoDoesNotKnowItGetsTheNewestFrameAlone) {
  send({}, "ef 0f00 03 6f 0a0b0c 0d0e");
  send({}, "ef 0f00 03 6f 0a0b0c");  // nothing new
  send({}, "6f 01");
  const auto views = received(11);
  ASSERT_EQ(views.size(), 2U);
  EXPECT_EQ(views[0].header.payload_type, 96);
  EXPECT_EQ(octets(views[0].payload), hex("0d0e"));
  EXPECT_EQ(octets(views[1].payload), hex("01"));
  EXPECT_EQ(views[1].header.sequence, 501);
  EXPECT_EQ(received(10).size(), 3U);
}

TEST_F(RedundantAudioTest, AFrameWithoutRedundancyMayComeBetween) {
  send({}, "6f 01");
  send({.payload_type = kOpus}, "02");
  for (const std::uint16_t port : {std::uint16_t{10}, std::uint16_t{11}}) {
    const auto views = received(port);
    ASSERT_EQ(views.size(), 2U);
    EXPECT_EQ(views[1].header.payload_type, port == 10 ? 100 : 96);
    EXPECT_EQ(octets(views[1].payload), hex("02"));
    EXPECT_EQ(views[1].header.sequence, 501);
  }
}

TEST_F(RedundantAudioTest, WhatIsNoneIsDropped) {
  send({}, "ef 0f00 03 6f 0a");
  send({}, "6e 01");
  EXPECT_EQ(engine.drops(MediaDrop::Malformed), 2U);
  send({.payload_type = 1}, "6f 01");
  EXPECT_EQ(engine.drops(MediaDrop::WrongPayloadType), 1U);
  EXPECT_TRUE(out.empty());
}

// Opus with DTX sends nothing while there is silence: time goes on, the numbers do not.
TEST_F(RedundantAudioTest, PausesOfDtxStayPauses) {
  send({.payload_type = kOpus, .timestamp = 960, .marker = true}, "01");
  send({.payload_type = kOpus, .timestamp = 1920}, "02");
  send({.payload_type = kOpus, .timestamp = 21'120}, "03");  // 400 ms later: comfort noise
  send({.payload_type = kOpus, .timestamp = 48'960, .marker = true}, "04");
  const auto views = received(11);
  ASSERT_EQ(views.size(), 4U);
  for (std::uint16_t i = 0; i < 4; ++i) EXPECT_EQ(views[i].header.sequence, 500 + i);
  EXPECT_EQ(views[2].header.timestamp - views[1].header.timestamp, 19'200U);
  EXPECT_EQ(views[3].header.timestamp - views[2].header.timestamp, 27'840U);
  EXPECT_TRUE(views[3].header.marker);
  EXPECT_FALSE(views[2].header.marker);
}

}  // namespace
