// Which layers a receiver gets of what it wishes, and whose voices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "rtc/testing/datagrams.hpp"
#include "tests/transport/browser.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

// Three encodings of VP8, each a packet of a size every 20 ms, from a plain transport.
class LayersTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kSizes[] = {250, 1000, 1400};  // octets: 100, 400 and 560 kbit/s

  LayersTest() {
    source = *engine.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
    producer = *engine.produce(source, {.kind = MediaKind::Video,
                                        .codec = MediaCodec::Vp8,
                                        .payload_type = 101,
                                        .streams = {{.ssrc = 1}, {.ssrc = 2}, {.ssrc = 3}}});
  }

  void send_video(std::size_t encodings = 3) {
    ++frame;
    for (std::size_t i = 0; i < encodings; ++i) {
      Octets payload(kSizes[i], 0);
      payload[0] =
          0x10;  // starts a partition, and (as the frame's first octet is even) a key frame
      auto datagram = rtp_packet({.payload_type = 101,
                                  .marker = true,
                                  .sequence = frame,
                                  .timestamp = 1800U * frame,
                                  .ssrc = static_cast<std::uint32_t>(i + 1)},
                                 payload);
      engine.handle_datagram(now, path(1), datagram, out);
    }
  }
  // Plays for so long, with the clock's ticks; `each` looks at the outbox.
  template <class Each>
  void play(Duration time, Each each, std::size_t encodings = 3) {
    for (const Instant until = now + time; now < until; now = now + 20ms) {
      send_video(encodings);
      if (engine.next_timeout() <= now) engine.handle_timeout(now, out);
      each();
      out.clear();
    }
  }
  std::size_t layer_of(Bytes payload) {
    return static_cast<std::size_t>(std::ranges::find(kSizes, payload.size()) - kSizes);
  }

  Instant now = Instant::at(1s);
  MediaEngine engine{now};
  Outbox out{512};
  TransportId source{};
  ProducerId producer{};
  std::uint16_t frame = 0;
};

TEST_F(LayersTest, FollowsTheWishAndSaysWhatCame) {
  const auto sink = *engine.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
  const auto consumer = *engine.consume(sink, producer, {.ssrc = 9, .payload_type = 101});
  std::size_t newest = 99;
  const auto look = [&] {
    for (const auto& slot : rtc::testing::datagrams_in(out)) {
      if (slot.path == path(2)) newest = layer_of(RtpView::parse(slot.octets)->payload);
    }
  };
  play(1s, look);
  EXPECT_EQ(newest, 2U);
  engine.prefer_layers(now, consumer, {.spatial = 0});
  play(300ms, look);
  EXPECT_EQ(newest, 0U);
  engine.prefer_layers(now, consumer, {.spatial = 1});
  play(300ms, look);
  EXPECT_EQ(newest, 1U);
  EXPECT_EQ(engine.layers_sent(consumer), (LayerTarget{.spatial = 1, .temporal = 0}));
  std::vector<std::size_t> told;
  while (const auto event = engine.poll_event()) {
    const auto* const changed = std::get_if<LayersChanged>(&*event);
    if (changed == nullptr) continue;
    EXPECT_EQ(changed->consumer, consumer);
    EXPECT_EQ(changed->temporal, 0U) << "the sender has no others";
    told.push_back(changed->spatial);
  }
  EXPECT_EQ(told.back(), 1U);
  EXPECT_NE(std::ranges::find(told, 2U), told.end());
}

TEST_F(LayersTest, AnEncodingThatEndsIsReplacedByOneThatGoesOn) {
  const auto sink = *engine.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
  ASSERT_TRUE(engine.consume(sink, producer, {.ssrc = 9, .payload_type = 101}));
  std::size_t received = 0;
  std::size_t newest = 99;
  const auto look = [&] {
    for (const auto& slot : rtc::testing::datagrams_in(out)) {
      if (slot.path != path(2)) continue;
      newest = layer_of(RtpView::parse(slot.octets)->payload);
      ++received;
    }
  };
  play(1s, look);
  EXPECT_EQ(newest, 2U);
  received = 0;
  play(3s, look, 1);  // the publisher's own path got bad: it sends the lowest alone
  EXPECT_EQ(newest, 0U);
  EXPECT_GT(received, 80U);  // less than 1.5 s of 50 a second are missed
}

// The same with a browser that reports, by transport-wide numbers, on what it gets.
class BrowserLayersTest : public LayersTest {
 protected:
  BrowserLayersTest() {
    browser.connect(now, engine, sink, out, identity.fingerprint(DtlsHash::Sha256));
    options.extension_ids.set(RtpExtension::TransportSequence, 5);
  }

  SeededRandom random{3};
  DtlsIdentity identity{1'800'000'000};
  IceCredentials credentials = IceCredentials::generate(random);
  TransportId sink = *engine.open_web_rtc(now, credentials, identity);
  Browser browser{path(2), credentials};
  Consumer::Options options{.ssrc = 9, .payload_type = 101};
};

// Goal: a receiver whose path carries less than the best encoding gets a lower one, without being
// asked. Method: a browser that reports, by transport feedback, a delay that grows with everything
// over a rate.
TEST_F(BrowserLayersTest, GetsWhatItsPathCarries) {
  ASSERT_TRUE(engine.consume(sink, producer, options));

  constexpr DataRate kPath = DataRate::kbps(250);
  Duration arrives{0};  // when the queue of the path is empty again
  std::vector<std::pair<std::uint16_t, Duration>> arrivals;
  std::uint8_t count = 0;
  std::array<std::size_t, 4> by_layer{};
  const auto receive = [&] {
    browser.take(now, out);
    for (const auto& datagram : browser.take_rtp()) {
      const auto view = RtpView::parse(datagram);
      const auto values =
          RtpExtensionValues::read(view->extension_profile, view->extension, options.extension_ids);
      const auto number = parse_transport_sequence(*values[RtpExtension::TransportSequence]);
      arrives = std::max(arrives, now.since_zero()) +
                kPath.time_of(static_cast<std::int64_t>(datagram.size()));
      arrivals.emplace_back(*number, arrives);
      ++by_layer[layer_of(view->payload)];
    }
    if (frame % 5 != 0 || arrivals.empty()) return;
    TransportFeedbackBuilder builder(arrivals[0].first, arrivals[0].second);
    for (const auto& [number, arrival] : arrivals) builder.add(number, arrival);
    arrivals.clear();
    auto report = rtcp_packet([&](ByteWriter& writer) { builder.write(writer, 1, 9, count++); });
    auto sealed = browser.protect_rtcp(report);
    engine.handle_datagram(now, path(2), sealed, out);
  };
  play(10s, receive);
  by_layer = {};
  play(10s, receive);
  EXPECT_GT(by_layer[0], 350U);  // of 500: the lowest, but for what is tried
  EXPECT_EQ(by_layer[2], 0U);
}

// Goal: who comes into a call gets pictures that its path may carry from the first one on, not the
// best ones until an estimate says otherwise. Method: resumed between two allocations.
TEST_F(BrowserLayersTest, BeginsWithTheLowest) {
  options.paused = true;
  const auto consumer = *engine.consume(sink, producer, options);
  play(1020ms, [&] { browser.take(now, out); });
  ASSERT_TRUE(browser.take_rtp().empty());

  engine.set_paused(now, consumer, false);
  std::vector<std::size_t> seen;
  play(160ms, [&] {
    browser.take(now, out);
    for (const auto& datagram : browser.take_rtp()) {
      seen.push_back(layer_of(RtpView::parse(datagram)->payload));
    }
  });
  ASSERT_GE(seen.size(), 6U);
  EXPECT_THAT(seen, ::testing::Each(0U));
}

// Goal: a sender learns what it need not send, some time after the last wish, and at once when
// there is one again.
TEST_F(LayersTest, EncodingsThatNobodyWishesForAreNamed) {
  std::vector<std::vector<bool>> told;
  const auto listen = [&] {
    while (const auto event = engine.poll_event()) {
      const auto* const wanted = std::get_if<EncodingsWanted>(&*event);
      if (wanted == nullptr) continue;
      EXPECT_EQ(wanted->producer, producer);
      told.push_back(wanted->encodings);
    }
    return std::exchange(told, {});
  };
  using Told = std::vector<std::vector<bool>>;
  const auto sink = *engine.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
  const auto one = *engine.consume(sink, producer, {.ssrc = 9, .payload_type = 101});
  const auto other = *engine.consume(sink, producer, {.ssrc = 10, .payload_type = 101});
  const auto nothing = [] {};
  play(8s, nothing);
  EXPECT_EQ(listen(), Told());
  engine.prefer_layers(now, one, {.spatial = 0});
  engine.prefer_layers(now, other, {.spatial = 1});
  play(4500ms, nothing);
  EXPECT_EQ(listen(), Told());
  play(1s, nothing);
  EXPECT_EQ(listen(), (Told{{true, true, false}}));
  engine.set_paused(now, other, true);
  play(6s, nothing, 2);
  EXPECT_EQ(listen(), (Told{{true, false, false}}));
  engine.set_paused(now, other, false);
  EXPECT_EQ(listen(), (Told{{true, true, false}}));
  engine.prefer_layers(now, one, {.spatial = 7});
  EXPECT_EQ(listen(), (Told{{true, true, true}}));
  engine.close_consumer(one);
  engine.close_consumer(other);
  play(7s, nothing);
  EXPECT_EQ(listen(), (Told{{false, false, false}}));
  ASSERT_TRUE(engine.consume(sink, producer, {.ssrc = 9, .payload_type = 101}));
  EXPECT_EQ(listen(), (Told{{true, true, true}}));
}

class VoicesTest : public LayersTest {
 protected:
  static constexpr std::uint8_t kLevelId = 6;

  ProducerId add_voice(std::uint32_t ssrc) {
    RtpExtensionIds ids;
    ids.set(RtpExtension::AudioLevel, kLevelId);
    const auto voice = *engine.produce(source,
                                       {.kind = MediaKind::Audio,
                                        .payload_type = 100,
                                        .extension_ids = ids,
                                        .streams = {{.ssrc = ssrc, .kind = MediaKind::Audio}}},
                                       room);
    const auto sink = *engine.open_plain({.path = path(200), .send_key = {}, .receive_key = {}});
    EXPECT_TRUE(
        engine.consume(sink, voice, {.ssrc = ssrc, .payload_type = 100, .kind = MediaKind::Audio}));
    return voice;
  }
  void say(std::uint32_t ssrc, std::uint8_t level_dbov) {
    const std::array<std::uint8_t, 1> level{level_dbov};
    const RtpExtensionElement elements[] = {{kLevelId, level}};
    Octets buffer(200);
    ByteWriter writer(buffer);
    const std::uint16_t sequence = ++sequences[ssrc];
    write_rtp_header(
        writer,
        {.payload_type = 100, .sequence = sequence, .timestamp = 960U * sequence, .ssrc = ssrc},
        elements);
    writer.bytes(bytes_of("voice"));
    buffer.resize(writer.size());
    engine.handle_datagram(now, path(1), buffer, out);
  }
  // For so long `loud` speaks and the other of 10 to 14 are silent.
  void speak(Duration time, std::uint32_t loud) {
    for (const Instant until = now + time; now < until; now = now + 20ms) {
      for (std::uint32_t ssrc = 10; ssrc < 15; ++ssrc) say(ssrc, ssrc == loud ? 20 : 127);
      if (engine.next_timeout() <= now) engine.handle_timeout(now, out);
      for (const auto& slot : rtc::testing::datagrams_in(out)) {
        if (slot.path == path(200)) {
          const auto view = RtpView::parse(slot.octets);
          heard[view->header.ssrc].push_back(view->header.sequence);
        }
      }
      out.clear();
    }
  }

  RoomId room = engine.open_room();
  std::map<std::uint32_t, std::uint16_t> sequences;
  std::map<std::uint32_t, std::vector<std::uint16_t>> heard;
};

TEST_F(VoicesTest, SaysWhoSpeaksAndWhoHasTheFloor) {
  std::vector<ProducerId> voices;
  for (std::uint32_t ssrc = 10; ssrc < 15; ++ssrc) voices.push_back(add_voice(ssrc));
  speak(2s, 11);
  speak(2s, 13);
  std::vector<ProducerId> dominant;
  while (const auto event = engine.poll_event()) {
    const auto* const changed = std::get_if<SpeakersChanged>(&*event);
    if (changed == nullptr || !changed->dominant) continue;
    EXPECT_EQ(changed->room, room);
    if (dominant.empty() || dominant.back() != *changed->dominant) {
      dominant.push_back(*changed->dominant);
    }
  }
  EXPECT_EQ(dominant, (std::vector{voices[1], voices[3]}));
}

TEST_F(VoicesTest, SilenceCostsNothingAndSpeechGoesOnWithoutAGap) {
  for (std::uint32_t ssrc = 10; ssrc < 15; ++ssrc) add_voice(ssrc);
  speak(2s, 11);
  speak(2s, 12);
  speak(2s, 11);
  EXPECT_LT(heard[14].size(), 10U);
  EXPECT_GT(heard[11].size(), 190U);
  EXPECT_LT(heard[11].size(), 240U);
  for (std::size_t i = 1; i < heard[11].size(); ++i) {
    EXPECT_EQ(heard[11][i], static_cast<std::uint16_t>(heard[11][i - 1] + 1));
  }
}

}  // namespace
