// Goal: who receives from another engine gets what they would get from the producer's own.
#include <gtest/gtest.h>

#include <numeric>

#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/sender_report.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "tests/transport/engine_pair.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

constexpr std::uint8_t kLevelId = 1;

// Three encodings of VP8, a packet each every 20 ms; key frames come when asked for.
class PipeTest : public ::testing::Test {
 protected:
  PipeTest() {
    source = *pair.here.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
    producer = *pair.here.produce(source, {.kind = MediaKind::Video,
                                           .codec = MediaCodec::Vp8,
                                           .payload_type = 101,
                                           .streams = {{.ssrc = 1}, {.ssrc = 2}, {.ssrc = 3}}});
    piped = pair.pipe(producer);
    sink = *pair.there.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
  }

  ConsumerId consume(bool paused = false) {
    Consumer::Options options{.ssrc = 9, .payload_type = 101, .rtx_ssrc = 10};
    options.rtx_payload_type = 102;
    options.paused = paused;
    return *pair.there.consume(sink, piped, options);
  }

  void send_frame() {
    ++frame;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool is_key = key_frame_wanted[i] && frame % 2 == 0;  // its encoder takes its time
      if (is_key) key_frame_wanted[i] = false;
      const Octets payload{0x10, static_cast<std::uint8_t>(is_key ? 0 : 1),
                           static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(frame)};
      pair.receive(now, path(1),
                   rtp_packet({.payload_type = 101,
                               .marker = true,
                               .sequence = static_cast<std::uint16_t>(frame + 100 * i),
                               .timestamp = 1800U * frame,
                               .ssrc = static_cast<std::uint32_t>(i + 1)},
                              payload));
    }
  }
  // What the receiver got of the layers, in the order of coming.
  std::vector<Octets> play(Duration time) {
    std::vector<Octets> received;
    for (const Instant until = now + time; now < until; now = now + 20ms) {
      send_frame();
      pair.settle(now);
      for (Octets& datagram : pair.take_sent(2)) {
        if (is_rtp(datagram)) received.push_back(std::move(datagram));
      }
      for (const Octets& request : pair.take_sent(1)) read_request(request);
    }
    return received;
  }
  void read_request(const Octets& datagram) {
    RtcpReader reader(datagram);
    while (const auto packet = reader.next()) {
      const auto pli = Pli::parse(*packet);
      if (!pli) continue;
      key_frame_wanted[pli->media_ssrc - 1] = true;
      ++requests;
    }
  }
  static std::size_t layer_of(const Octets& datagram) {
    return RtpView::parse(datagram)->payload[2];
  }
  static bool is_key_frame(const Octets& datagram) {
    return RtpView::parse(datagram)->payload[1] == 0;
  }
  // The numbers go on without a gap.
  void expect_continuous(const std::vector<Octets>& received) {
    for (const Octets& datagram : received) {
      const auto view = RtpView::parse(datagram);
      if (view->header.payload_type != 101) continue;
      if (newest) EXPECT_EQ(view->header.sequence, static_cast<std::uint16_t>(*newest + 1));
      newest = view->header.sequence;
    }
  }

  Instant now = Instant::at(1s);
  EnginePair pair;
  TransportId source{};
  TransportId sink{};
  ProducerId producer{};
  ProducerId piped{};
  std::uint32_t frame = 0;
  std::array<bool, 3> key_frame_wanted{};
  int requests = 0;
  std::optional<std::uint16_t> newest;
};

TEST_F(PipeTest, WhatNobodyWatchesCostsNothing) {
  const ConsumerId consumer = consume(true);
  EXPECT_TRUE(play(1s).empty());
  EXPECT_EQ(pair.through_pipe, 0U);

  pair.there.prefer_layers(now, consumer, {.spatial = 0});
  pair.there.set_paused(now, consumer, false);
  EXPECT_FALSE(play(1s).empty());
  EXPECT_GT(pair.through_pipe, 45U);
  EXPECT_LE(pair.through_pipe, 50U) << "the lowest encoding alone";

  pair.there.set_paused(now, consumer, true);
  play(MediaEngine::kUnwantedAfter + 1s);
  pair.through_pipe = 0;
  EXPECT_TRUE(play(1s).empty());
  EXPECT_EQ(pair.through_pipe, 0U);

  pair.there.set_paused(now, consumer, false);
  EXPECT_FALSE(play(1s).empty());
  EXPECT_LE(pair.through_pipe, 50U) << "nor is it asked for afterwards";
}

TEST_F(PipeTest, BeginsWithAKeyFrameThatTheSenderIsAskedForOnce) {
  consume();
  const auto received = play(400ms);
  ASSERT_FALSE(received.empty());
  EXPECT_TRUE(is_key_frame(received.front()));
  EXPECT_GE(received.size(), 18U) << "of 20 frames";
  EXPECT_EQ(requests, 3) << "one an encoding";
  expect_continuous(received);
}

TEST_F(PipeTest, SwitchesLayersAtKeyFrames) {
  const ConsumerId consumer = consume();
  expect_continuous(play(1s));
  for (const std::size_t layer : {0, 2, 1, 2, 0}) {
    pair.there.prefer_layers(now, consumer, {.spatial = layer});
    auto received = play(2s);
    expect_continuous(received);
    EXPECT_EQ(layer_of(received.back()), layer);
    const auto first = std::ranges::find(received, layer, layer_of);
    ASSERT_NE(first, received.end());
    EXPECT_TRUE(is_key_frame(*first));
  }
}

TEST_F(PipeTest, TellsThePublisherWhatNobodyWishes) {
  const ConsumerId consumer = consume();
  pair.there.prefer_layers(now, consumer, {.spatial = 0});
  std::optional<EncodingsWanted> told;
  const auto read_events = [&] {
    while (const auto event = pair.here.poll_event()) {
      if (const auto* const wanted = std::get_if<EncodingsWanted>(&*event)) told = *wanted;
    }
  };
  play(2 * MediaEngine::kUnwantedAfter + 1s);
  read_events();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->producer, producer);
  EXPECT_EQ(told->encodings, (std::vector<bool>{true, false, false}));
  pair.there.prefer_layers(now, consumer, {.spatial = 2});
  pair.settle(now);
  read_events();
  EXPECT_EQ(told->encodings, (std::vector<bool>{true, true, true})) << "at once";
}

TEST_F(PipeTest, GoesOnAfterAPauseOfTheProducer) {
  consume();
  expect_continuous(play(1s));
  pair.here.set_producer_paused(producer, true);
  pair.there.set_producer_paused(piped, true);
  pair.through_pipe = 0;
  EXPECT_TRUE(play(1s).empty());
  EXPECT_EQ(pair.through_pipe, 0U);
  pair.here.set_producer_paused(producer, false);
  pair.there.set_producer_paused(piped, false);
  const auto received = play(1s);
  ASSERT_GT(received.size(), 40U);
  EXPECT_TRUE(is_key_frame(received.front()));
  expect_continuous(received);
  EXPECT_LE(pair.through_pipe, 150U) << "what was paused is not asked for";
}

// Sequence numbers wrap meanwhile: they must not seem old.
TEST_F(PipeTest, GoesOnAfterLongIdleness) {
  const ConsumerId consumer = consume();
  expect_continuous(play(1s));
  pair.there.set_paused(now, consumer, true);
  play(MediaEngine::kUnwantedAfter + 1s);
  for (int i = 0; i < 2; ++i) {
    frame += 20'000;
    play(20ms);
  }
  pair.there.set_paused(now, consumer, false);
  const auto received = play(1s);
  ASSERT_GT(received.size(), 40U);
  expect_continuous(received);
}

TEST_F(PipeTest, WhatThePipeHadNoRoomForIsAskedForAgain) {
  consume();
  play(1s);
  std::uint32_t datagrams = 0;
  pair.is_full = [&] { return ++datagrams % 10 < 3; };
  std::vector<std::uint16_t> numbers;
  const auto note = [&](const std::vector<Octets>& received) {
    for (const Octets& datagram : received) {
      numbers.push_back(RtpView::parse(datagram)->header.sequence);
    }
  };
  note(play(5s));
  pair.is_full = [] { return false; };
  note(play(1s));
  std::ranges::sort(numbers);
  std::vector<std::uint16_t> all(numbers.size());
  std::iota(all.begin(), all.end(), numbers.front());
  EXPECT_EQ(numbers, all);
  EXPECT_GT(numbers.size(), 290U);
}

TEST_F(PipeTest, AReceiverIsSentAgainWhatItMissed) {
  consume();
  const auto received = play(1s);
  const std::uint16_t missed = RtpView::parse(received[received.size() - 5])->header.sequence;
  auto nack =
      rtcp_packet([&](ByteWriter& writer) { Nack::write(writer, 1, 9, std::array{missed}); });
  pair.there.handle_datagram(now, path(2), nack, pair.out_there);
  pair.settle(now);
  const auto again = pair.take_sent(2);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(RtpView::parse(again[0])->header.ssrc, 10U);
  EXPECT_EQ(ByteReader(RtpView::parse(again[0])->payload).u16(), missed);
}

TEST_F(PipeTest, ReceiversGetTheSendersClock) {
  consume();
  play(1s);
  pair.receive(
      now, path(1), rtcp_packet([&](ByteWriter& writer) {
        SenderReport{.ssrc = 3, .ntp = 77ULL << 32, .rtp_timestamp = 1800U * frame}.write(writer);
      }));
  pair.settle(now);
  for (const Octets& datagram : pair.take_sent(2)) {
    RtcpReader reader(datagram);
    const auto packet = reader.next();
    const auto report = packet ? SenderReport::parse(*packet) : std::nullopt;
    if (!report) continue;
    EXPECT_EQ(report->ssrc, 9U);
    EXPECT_EQ(report->ntp, 77ULL << 32);
    return;
  }
  FAIL() << "no report";
}

TEST_F(PipeTest, EndsWithItsProducerAndLeavesNothing) {
  consume();
  play(200ms);
  EXPECT_EQ(pair.here.pipe_count(), 1U);
  EXPECT_EQ(pair.here.transport_count(), 1U) << "what leads to other engines is nobody's transport";
  pair.here.close_transport(source, pair.out_here);
  pair.there.close_producer(piped);
  EXPECT_EQ(pair.here.pipe_count(), 0U);
  EXPECT_EQ(pair.here.producer_count() + pair.there.producer_count(), 0U);
  EXPECT_EQ(pair.there.consumer_count(), 0U);
  pair.here.set_wanted(pair.piped, 3);  // word that is late
  pair.here.close_pipe(pair.piped);
  pair.settle(now);
}

TEST_F(PipeTest, AlsoEndsBeforeItsProducer) {
  consume();
  play(200ms);
  pair.here.close_pipe(pair.piped);
  pair.there.close_producer(piped);
  pair.through_pipe = 0;
  play(200ms);
  EXPECT_EQ(pair.through_pipe, 0U);
  piped = pair.pipe(producer);
  consume();
  EXPECT_FALSE(play(400ms).empty()) << "and may begin again";
}

// Audio of two people, one at each engine; each engine compares both.
TEST(PipeAudioTest, EachEngineKnowsWhoSpeaksInTheWholeRoom) {
  EnginePair pair;
  const RoomId room_here = pair.here.open_room();
  const RoomId room_there = pair.there.open_room();
  Producer::Options options{
      .kind = MediaKind::Audio,
      .payload_type = 111,
      .streams = {{.ssrc = 1, .clock_rate = 48000, .kind = MediaKind::Audio}}};
  options.extension_ids.set(RtpExtension::AudioLevel, kLevelId);
  const auto source = *pair.here.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
  const ProducerId voice = *pair.here.produce(source, options, room_here);
  const ProducerId piped = pair.pipe(voice, room_there);
  const auto sink = *pair.there.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
  ASSERT_TRUE(pair.there.consume(
      sink, piped,
      {.ssrc = 9, .payload_type = 111, .clock_rate = 48000, .kind = MediaKind::Audio}));

  std::uint16_t sequence = 0;
  const auto play = [&](std::uint8_t level) {  // for a second; how much was heard
    std::size_t heard = 0;
    for (int i = 0; i < 50; ++i) {
      const Instant now = Instant::at(1s + ++sequence * 20ms);
      Octets buffer(200);
      ByteWriter out(buffer);
      const std::array<std::uint8_t, 1> value{level};
      const std::array elements{RtpExtensionElement{kLevelId, value}};
      write_rtp_header(out, {.payload_type = 111, .sequence = sequence, .ssrc = 1}, elements);
      out.u32(0);
      buffer.resize(out.size());
      pair.receive(now, path(1), buffer);
      pair.settle(now);
      heard += pair.take_sent(2).size();
    }
    return heard;
  };
  EXPECT_EQ(play(120), 0U) << "silence is kept from receivers";
  EXPECT_EQ(pair.through_pipe, 50U) << "but is compared over there";
  EXPECT_GT(play(0x80 | 25), 45U);
  const auto told = std::ranges::find_if(pair.events, [](const EngineEvent& event) {
    const auto* const speakers = std::get_if<SpeakersChanged>(&event);
    return speakers != nullptr && speakers->dominant.has_value();
  });
  ASSERT_NE(told, pair.events.end());
  EXPECT_EQ(std::get<SpeakersChanged>(*told).dominant, piped);
  EXPECT_EQ(std::get<SpeakersChanged>(*told).room, room_there);
}

}  // namespace
