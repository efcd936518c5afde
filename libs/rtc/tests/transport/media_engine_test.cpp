#include "rtc/transport/media_engine.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/receiver_report.hpp"
#include "rtc/rtcp/sender_report.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

class MediaEngineTest : public EngineFixture {
 protected:
  MediaEngineTest() {
    source = *engine.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
    producer = *engine.produce(source, one_stream());
  }

  TransportId source{};
  ProducerId producer{};
};

SrtpMasterKey random_key(SrtpSuite suite, std::uint64_t seed) {
  SeededRandom random(seed);
  Octets octets(key_size(suite) + salt_size(suite));
  random.fill(octets);
  return *SrtpMasterKey::from(suite, octets);
}

TEST_F(MediaEngineTest, ForwardsToEveryConsumerUnderItsOwnNumbers) {
  for (std::uint16_t port = 10; port < 13; ++port) {
    const auto sink = engine.open_plain({.path = path(port), .send_key = {}, .receive_key = {}});
    ASSERT_TRUE(engine.consume(*sink, producer, [&] {
      auto options = video_consumer(port);
      options.kind = MediaKind::Audio;
      return options;
    }()));
  }
  send_media(Instant(), 65535);
  send_media(Instant(), 0);
  for (std::uint16_t port = 10; port < 13; ++port) {
    const auto datagrams = sent_to(port);
    ASSERT_EQ(datagrams.size(), 2U);
    const auto first = RtpView::parse(datagrams[0]);
    const auto second = RtpView::parse(datagrams[1]);
    EXPECT_EQ(first->header.ssrc, port);
    EXPECT_EQ(first->header.payload_type, 96);
    EXPECT_EQ(first->header.sequence, 500);
    EXPECT_EQ(second->header.sequence, 501);
    EXPECT_EQ(text_of(first->payload), "payload");
  }
}

TEST_F(MediaEngineTest, EncryptsForEachConsumerWithItsKey) {
  const SrtpSuite suites[] = {SrtpSuite::AeadAes128Gcm, SrtpSuite::AeadAes256Gcm,
                              SrtpSuite::AesCm128HmacSha1_80};
  for (std::uint16_t i = 0; i < 3; ++i) {
    const auto sink = engine.open_plain({.path = path(static_cast<std::uint16_t>(10 + i)),
                                         .send_key = random_key(suites[i], i),
                                         .receive_key = {}});
    auto options = video_consumer(10U + i);
    options.kind = MediaKind::Audio;
    ASSERT_TRUE(engine.consume(*sink, producer, options));
  }
  send_media(Instant(), 7);
  for (std::uint16_t i = 0; i < 3; ++i) {
    auto datagrams = sent_to(static_cast<std::uint16_t>(10 + i));
    ASSERT_EQ(datagrams.size(), 1U);
    SrtpReceiver receiver(random_key(suites[i], i));
    const auto plain = receiver.unprotect_rtp(datagrams[0]);
    ASSERT_TRUE(plain);
    EXPECT_EQ(text_of(RtpView::parse(*plain)->payload), "payload");
  }
}

TEST_F(MediaEngineTest, CountsWhatItDrops) {
  send_media(Instant(), 1);
  receive(Instant(), path(99),
          rtp_packet({.payload_type = kPayloadType, .ssrc = 5}, bytes_of("x")));
  receive(Instant(), path(1), rtp_packet({.payload_type = kPayloadType, .ssrc = 5}, bytes_of("x")));
  receive(Instant(), path(1), rtp_packet({.payload_type = 1, .ssrc = kSsrc}, bytes_of("x")));
  receive(Instant(), path(1), {0x05, 0x01});
  receive(Instant(), path(1), {0x80, 0x60});
  receive(Instant(), path(1), {});
  EXPECT_EQ(engine.drops(MediaDrop::UnknownSender), 1U);
  EXPECT_EQ(engine.drops(MediaDrop::UnknownSsrc), 1U);
  EXPECT_EQ(engine.drops(MediaDrop::WrongPayloadType), 1U);
  EXPECT_EQ(engine.drops(MediaDrop::NotMedia), 2U);
  EXPECT_EQ(engine.drops(MediaDrop::Malformed), 1U);
  EXPECT_EQ(engine.received(), 7U);
  EXPECT_TRUE(out.empty());
}

TEST_F(MediaEngineTest, TenThousandStrangeSsrcsLeaveNothingBehind) {
  for (std::uint32_t ssrc = 2000; ssrc < 12000; ++ssrc) {
    receive(Instant(), path(1),
            rtp_packet({.payload_type = kPayloadType, .ssrc = ssrc}, bytes_of("x")));
  }
  EXPECT_EQ(engine.drops(MediaDrop::UnknownSsrc), 10'000U);
  EXPECT_TRUE(out.empty());
}

TEST_F(MediaEngineTest, LearnsAnAddressFromAnAuthenticPacketAlone) {
  const auto key = random_key(SrtpSuite::AeadAes128Gcm, 1);
  const auto learning = engine.open_plain({.path = {}, .send_key = {}, .receive_key = key});
  auto options = one_stream();
  options.streams = {{.ssrc = 42}};
  ASSERT_TRUE(engine.produce(*learning, options));

  SrtpSender sender(key);
  Octets buffer(1500);
  ByteWriter writer(buffer);
  write_rtp_header(writer, {.payload_type = kPayloadType, .sequence = 1, .ssrc = 42});
  const Bytes sealed = sender.protect_rtp({buffer, writer.size(), bytes_of("x")}, 1, out.signing());
  out.signing().finish();
  Octets forged(sealed.begin(), sealed.end());
  forged.back() ^= 1;
  receive(Instant(), path(66), forged);
  EXPECT_EQ(engine.drops(MediaDrop::NotAuthentic), 1U);
  const Octets good(sealed.begin(), sealed.end());
  receive(Instant(), path(77), good);
  EXPECT_EQ(engine.drops(MediaDrop::NotAuthentic), 1U);
  receive(Instant(), path(66), good);  // the address was learned: nobody else has it now
  EXPECT_EQ(engine.drops(MediaDrop::UnknownSender), 1U);
  receive(Instant(), path(77), good);
  EXPECT_EQ(engine.drops(MediaDrop::NotAuthentic), 2U);  // replayed
}

TEST_F(MediaEngineTest, VideoStartsWithAKeyFrameThatItAsksFor) {
  engine.close_producer(producer);
  producer = *engine.produce(source, one_stream(MediaCodec::Vp8));
  const auto sink = engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  const auto consumer = *engine.consume(*sink, producer, video_consumer(10));
  engine.handle_timeout(Instant(), out);
  ASSERT_EQ(sent_to(1).size(), 1U);
  RtcpReader reader(sent_to(1)[0]);
  const auto datagrams = sent_to(1);
  RtcpReader request(datagrams[0]);
  EXPECT_EQ(Pli::parse(*request.next())->media_ssrc, kSsrc);

  send_media(Instant(), 1, std::string_view("\x10\x01", 2));
  EXPECT_TRUE(sent_to(10).empty());
  send_media(Instant(), 2, std::string_view("\x10\x00", 2));
  EXPECT_EQ(sent_to(10).size(), 1U);
  EXPECT_EQ(engine.consumer(consumer)->packets(), 1U);

  engine.set_paused(Instant(), consumer, true);
  send_media(Instant(), 3, std::string_view("\x10\x00", 2));
  EXPECT_EQ(sent_to(10).size(), 1U);
  engine.set_paused(Instant(), consumer, false);
  send_media(Instant(), 4, std::string_view("\x10\x01", 2));
  EXPECT_EQ(sent_to(10).size(), 1U);
  send_media(Instant(), 5, std::string_view("\x10\x00", 2));
  ASSERT_EQ(sent_to(10).size(), 2U);
  EXPECT_EQ(RtpView::parse(sent_to(10)[1])->header.sequence, 501);
}

TEST_F(MediaEngineTest, ResendsOnTheRetransmissionStream) {
  engine.close_producer(producer);
  auto options = one_stream();
  producer = *engine.produce(source, options);
  const auto sink = engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  auto audio_like = video_consumer(10, true);
  audio_like.kind = MediaKind::Audio;  // begins without a key frame
  ASSERT_TRUE(engine.consume(*sink, producer, audio_like));
  for (std::uint16_t i = 0; i < 20; ++i) send_media(Instant(), i, "p" + std::to_string(i));
  out.clear();

  const auto nack = [](std::vector<std::uint16_t> sequences) {
    return rtcp_packet([&](ByteWriter& writer) { Nack::write(writer, 1, 10, sequences); });
  };
  receive(Instant::at(10ms), path(10), nack({503, 505, 600}));
  auto datagrams = sent_to(10);
  ASSERT_EQ(datagrams.size(), 2U);
  const auto view = RtpView::parse(datagrams[1]);
  EXPECT_EQ(view->header.ssrc, 11U);
  EXPECT_EQ(view->header.payload_type, 97);
  EXPECT_EQ(ByteReader(view->payload).u16(), 505);
  EXPECT_EQ(text_of(view->payload.subspan(2)), "p5");

  receive(Instant::at(20ms), path(10), nack({503}));  // sent just now
  EXPECT_EQ(sent_to(10).size(), 2U);
  receive(Instant::at(70ms), path(10), nack({503}));
  EXPECT_EQ(sent_to(10).size(), 3U);
  receive(Instant::at(5s), path(10), nack({504}));  // too old
  EXPECT_EQ(sent_to(10).size(), 3U);
}

TEST_F(MediaEngineTest, AStormOfNacksIsBounded) {
  const auto sink = engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  auto options = video_consumer(10, true);
  options.kind = MediaKind::Audio;
  ASSERT_TRUE(engine.consume(*sink, producer, options));
  for (std::uint16_t i = 0; i < 400; ++i) send_media(Instant(), i);
  out.clear();
  std::vector<std::uint16_t> everything;
  for (std::uint32_t i = 0; i < 4000; ++i) everything.push_back(static_cast<std::uint16_t>(i));
  const auto storm =
      rtcp_packet([&](ByteWriter& writer) { Nack::write(writer, 1, 10, everything); });
  for (int i = 0; i < 100; ++i) receive(Instant::at(1ms), path(10), storm);
  // Each packet at most once within the interval, whoever asks how often.
  EXPECT_LE(sent_to(10).size(), MediaEngine::kResentMax);
}

TEST_F(MediaEngineTest, AStormOfKeyFrameRequestsIsMerged) {
  engine.close_producer(producer);
  producer = *engine.produce(source, one_stream(MediaCodec::Vp8));
  for (std::uint16_t port = 10; port < 20; ++port) {
    const auto sink = engine.open_plain({.path = path(port), .send_key = {}, .receive_key = {}});
    ASSERT_TRUE(engine.consume(*sink, producer, video_consumer(port)));
  }
  std::size_t requests = 0;
  for (int ms = 0; ms < 5000; ++ms) {
    if (ms % 100 == 0) {  // the sender goes on, without a key frame
      const auto sequence = static_cast<std::uint16_t>(ms / 100);
      receive(Instant::at(ms * 1ms), path(1),
              rtp_packet({.payload_type = kPayloadType, .sequence = sequence, .ssrc = kSsrc},
                         Octets{0x10, 0x01}));
    }
    for (std::uint16_t port = 10; port < 20; ++port) {
      receive(Instant::at(ms * 1ms), path(port),
              rtcp_packet([&](ByteWriter& writer) { Pli{1, port}.write(writer); }));
    }
    engine.handle_timeout(Instant::at(ms * 1ms), out);
    constexpr std::uint8_t kPayloadFeedback = 206;  // beside the reports
    for (const auto& datagram : sent_to(1)) requests += datagram[1] == kPayloadFeedback ? 1 : 0;
    out.clear();
  }
  EXPECT_GE(requests, 9U);
  EXPECT_LE(requests, 10U);
}

TEST_F(MediaEngineTest, AsksTheSenderForWhatIsMissingAndPutsItInItsPlace) {
  const auto sink = engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  auto options = video_consumer(10);
  options.kind = MediaKind::Audio;
  ASSERT_TRUE(engine.consume(*sink, producer, options));
  send_media(Instant(), 1);
  send_media(Instant(), 4);
  ASSERT_LE(engine.next_timeout(), Instant::at(10ms));
  engine.handle_timeout(Instant::at(10ms), out);
  const auto requests = sent_to(1);
  ASSERT_EQ(requests.size(), 1U);
  RtcpReader reader(requests[0]);
  const auto nack = Nack::parse(*reader.next());
  ASSERT_TRUE(nack);
  EXPECT_EQ(nack->media_ssrc, kSsrc);
  std::vector<std::uint16_t> asked;
  nack->for_each(10, [&](std::uint16_t sequence) { asked.push_back(sequence); });
  EXPECT_EQ(asked, (std::vector<std::uint16_t>{2, 3}));

  out.clear();
  const Octets again{0, 3, 'a', 'g', 'a', 'i', 'n'};
  receive(Instant::at(30ms), path(1),
          rtp_packet(
              {.payload_type = kRtxPayloadType, .sequence = 9, .timestamp = 270, .ssrc = kRtxSsrc},
              again));
  const auto datagrams = sent_to(10);
  ASSERT_EQ(datagrams.size(), 1U);
  const auto view = RtpView::parse(datagrams[0]);
  EXPECT_EQ(view->header.sequence, 502);
  EXPECT_EQ(text_of(view->payload), "again");
}

TEST_F(MediaEngineTest, ReportsToSendersAndHandsTheirReportsOn) {
  const auto sink = engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  auto options = video_consumer(10);
  options.kind = MediaKind::Audio;
  ASSERT_TRUE(engine.consume(*sink, producer, options));
  for (std::uint16_t i = 0; i < 10; ++i) {
    if (i != 5) send_media(Instant(), i);
  }
  out.clear();
  SenderReport report;
  report.ssrc = kSsrc;
  report.ntp = 0x0102030405060708;
  report.rtp_timestamp = 900;
  receive(Instant::at(500ms), path(1),
          rtcp_packet([&](ByteWriter& writer) { report.write(writer); }));
  const auto handed_on = sent_to(10);
  ASSERT_EQ(handed_on.size(), 1U);
  RtcpReader reader(handed_on[0]);
  const auto own = SenderReport::parse(*reader.next());
  ASSERT_TRUE(own);
  EXPECT_EQ(own->ssrc, 10U);
  EXPECT_EQ(own->ntp, report.ntp);
  EXPECT_EQ(own->rtp_timestamp, 900U);
  EXPECT_EQ(own->packet_count, 9U);

  engine.handle_timeout(Instant::at(1s), out);
  const auto reports = sent_to(1);
  ASSERT_FALSE(reports.empty());
  RtcpReader last(reports.back());
  const auto received = ReceiverReport::parse(*last.next());
  ASSERT_TRUE(received);
  EXPECT_EQ(received->reports.all()[0].ssrc, kSsrc);
  EXPECT_EQ(received->reports.all()[0].cumulative_lost, 1);
  EXPECT_EQ(received->reports.all()[0].last_sr, 0x03040506U);
  EXPECT_EQ(received->reports.all()[0].delay_since_last_sr, 32768U);
}

TEST_F(MediaEngineTest, RefusesWhatIsTakenOrUnknown) {
  EXPECT_FALSE(engine.produce(source, one_stream()));
  EXPECT_FALSE(engine.produce(TransportId{999}, one_stream()));
  auto repeats = one_stream();
  repeats.streams = {{.ssrc = 5}, {.ssrc = 5}};
  EXPECT_FALSE(engine.produce(source, repeats));
  repeats.streams.clear();
  EXPECT_FALSE(engine.produce(source, repeats));
  std::vector<ProducerStream::Options> many(MediaEngine::kStreamsMax);
  for (std::uint32_t i = 0; i < many.size(); ++i) many[i].ssrc = 100 + i;
  repeats.streams = many;
  EXPECT_FALSE(engine.produce(source, repeats));
  EXPECT_TRUE(engine.consume(source, producer, video_consumer(10)));
  EXPECT_FALSE(engine.consume(source, producer, video_consumer(10)));
  EXPECT_FALSE(engine.consume(source, ProducerId{999}, video_consumer(11)));
}

TEST_F(MediaEngineTest, ClosingInAnyOrderAndTwiceIsHarmless) {
  const auto sink = *engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  auto options = video_consumer(10);
  options.kind = MediaKind::Audio;
  const auto consumer = *engine.consume(sink, producer, options);
  engine.close_transport(source, out);
  engine.close_transport(source, out);
  engine.close_producer(producer);
  engine.close_consumer(consumer);
  engine.set_paused(Instant(), consumer, true);
  engine.prefer_layers(Instant(), consumer, {.spatial = 3});
  EXPECT_EQ(engine.consumer(consumer), nullptr);
  send_media(Instant(), 1);
  EXPECT_EQ(engine.drops(MediaDrop::UnknownSender), 1U);
  engine.handle_timeout(Instant::at(10s), out);
  EXPECT_TRUE(out.empty());
  engine.close_transport(sink, out);
  EXPECT_EQ(engine.next_timeout(), Instant::never());
}

TEST_F(MediaEngineTest, SeveralTransportsMaySendToOneAddress) {
  const auto first = *engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  const auto second = *engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  ASSERT_TRUE(engine.consume(first, producer, video_consumer(20)));
  ASSERT_TRUE(engine.consume(second, producer, video_consumer(30)));
  send_media(Instant(), 1);
  EXPECT_EQ(sent_to(10).size(), 2U);
  engine.close_transport(second, out);
  send_media(Instant(), 2);
  EXPECT_EQ(sent_to(10).size(), 3U);
  receive(Instant(), path(10), rtcp_packet([](ByteWriter& writer) { Pli{1, 20}.write(writer); }));
  EXPECT_EQ(engine.drops(MediaDrop::UnknownSender), 0U);
}

TEST_F(MediaEngineTest, ADuplicateGoesOutOnce) {
  const auto sink = engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  ASSERT_TRUE(engine.consume(*sink, producer, video_consumer(20)));
  send_media(Instant(), 1);
  send_media(Instant(), 1);
  EXPECT_EQ(sent_to(10).size(), 1U);
  EXPECT_EQ(engine.drops(MediaDrop::Duplicate), 1U);
}

TEST_F(MediaEngineTest, AFullOutboxDropsAndCounts) {
  Outbox small(2);
  const auto sink = engine.open_plain({.path = path(10), .send_key = {}, .receive_key = {}});
  auto options = video_consumer(10);
  options.kind = MediaKind::Audio;
  ASSERT_TRUE(engine.consume(*sink, producer, options));
  for (std::uint16_t i = 0; i < 5; ++i) {
    auto datagram =
        rtp_packet({.payload_type = kPayloadType, .sequence = i, .ssrc = kSsrc}, bytes_of("x"));
    engine.handle_datagram(Instant(), path(1), datagram, small);
  }
  EXPECT_EQ(small.count(), 2U);
  EXPECT_EQ(small.dropped(), 3U);
}

}  // namespace
