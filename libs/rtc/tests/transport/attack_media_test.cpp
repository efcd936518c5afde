// Attacks by who takes part, with the right keys: what they may cost others, and how much.
#include "rtc/rtcp/bye.hpp"
#include "rtc/rtcp/fir.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/remb.hpp"
#include "rtc/rtcp/sdes.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "tests/transport/web_rtc_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

// A publisher of one VP8 stream and two who receive it, one of them bad.
class AttackMediaTest : public WebRtcFixture {
 protected:
  static constexpr std::size_t kOctets = 1000;  // of a packet
  static constexpr std::uint8_t kNumberId = 5;

  AttackMediaTest() {
    source = &open_connected(1);
    bad = &open_connected(2);
    good = &open_connected(3);
    producer = *engine.produce(source->id, {.kind = MediaKind::Video,
                                            .codec = MediaCodec::Vp8,
                                            .payload_type = 101,
                                            .mid = "0",
                                            .extension_ids = extension_ids(),
                                            .streams = {{.ssrc = 5}}});
    Consumer::Options options{
        .ssrc = 9, .payload_type = 101, .rtx_ssrc = 10, .rtx_payload_type = 102, .cname = "c"};
    options.extension_ids.set(RtpExtension::TransportSequence, kNumberId);
    bad_consumer = *engine.consume(bad->id, producer, options);
    good_consumer = *engine.consume(good->id, producer, options);
  }

  void send_frame(bool is_key) {
    Octets payload(kOctets, 0);
    payload[0] = 0x10;
    payload[1] = is_key ? 0x00 : 0x01;
    ++sequence;
    auto datagram = source->browser.protect_rtp({.payload_type = 101,
                                                 .marker = true,
                                                 .sequence = sequence,
                                                 .timestamp = 900U * sequence,
                                                 .ssrc = 5},
                                                {}, payload);
    engine.handle_datagram(now, path(1), datagram, out);
    settle();
  }
  void report(End& from, Octets packets) {
    auto sealed = from.browser.protect_rtcp(std::move(packets));
    engine.handle_datagram(now, from.browser.path(), sealed, out);
    settle();
  }
  void tick() {
    if (engine.next_timeout() <= now) engine.handle_timeout(now, out);
    settle();
  }
  // Hands on what was sent, and counts it.
  void settle() {
    for (End* const end : {source, bad, good}) end->browser.look(now, out);
    out.clear();
    for (const auto& datagram : bad->browser.take_rtp()) {
      const auto view = RtpView::parse(datagram);
      (view->header.ssrc == 9 ? sent_to_bad : resent_to_bad) += view->payload.size();
      if (view->header.ssrc == 9) newest_to_bad = view->header.sequence;
    }
    good_packets += good->browser.take_rtp().size();
    for (const auto& datagram : source->browser.take_rtcp()) {
      RtcpReader reader(datagram);
      while (const auto packet = reader.next()) key_requests += Pli::parse(*packet) ? 1 : 0;
    }
  }

  End* source = nullptr;
  End* bad = nullptr;
  End* good = nullptr;
  ProducerId producer{};
  ConsumerId bad_consumer{};
  ConsumerId good_consumer{};
  std::uint16_t sequence = 0;
  std::uint16_t newest_to_bad = 0;
  std::size_t sent_to_bad = 0;
  std::size_t resent_to_bad = 0;
  std::size_t good_packets = 0;
  int key_requests = 0;
};

// Asks for everything all the time, two packets in turn under each place of the memory.
TEST_F(AttackMediaTest, ANackStormBringsNoMoreThanWasSent) {
  for (int i = 0; i < 2000; ++i, now = now + 5ms) {
    send_frame(i == 0);
    std::vector<std::uint16_t> numbers;
    const auto first = static_cast<std::uint16_t>(newest_to_bad - (i % 2 == 0 ? 255 : 511));
    for (std::uint16_t k = 0; k < 256; ++k)
      numbers.push_back(static_cast<std::uint16_t>(first + k));
    report(*bad, rtcp_packet([&](ByteWriter& out_) { Nack::write(out_, 1, 9, numbers); }));
  }
  EXPECT_EQ(good_packets, 2000U);
  EXPECT_EQ(sent_to_bad, 2000 * kOctets);
  EXPECT_LE(resent_to_bad, sent_to_bad + 2000 * 2);  // and the original sequence numbers
  EXPECT_GT(engine.consumer(bad_consumer)->refused(), 10'000U);
  EXPECT_EQ(engine.consumer(good_consumer)->resent(), 0U);
}

TEST_F(AttackMediaTest, AStormOfKeyFrameRequestsCostsOthersLittle) {
  send_frame(true);
  int answered = 0;
  const auto play = [&](Duration time, bool storms) {
    for (const Instant until = now + time; now < until; now = now + 10ms) {
      if (storms) {
        report(*bad, rtcp_packet([](ByteWriter& out_) {
          Pli{1, 9}.write(out_);
          for (std::uint8_t i = 0; i < 20; ++i) Fir::write(out_, 1, 9, i);
        }));
      }
      tick();
      if (now.since_zero() % 5s == 0s) {
        for (End* const end : {source, bad, good}) {
          auto check = end->browser.check();
          engine.handle_datagram(now, end->browser.path(), check, out);
        }
      }
      send_frame(std::exchange(answered, key_requests) != key_requests);
    }
  };
  play(60s, true);
  EXPECT_GE(key_requests, 12);
  EXPECT_LE(key_requests, 12 + Consumer::kPictureLossBurst);
  EXPECT_GT(drops(MediaDrop::TooOften), 10'000U);
  // One who did not shout is heard at once.
  play(1s, false);
  const int before = key_requests;
  report(*good, rtcp_packet([](ByteWriter& out_) { Pli{1, 9}.write(out_); }));
  tick();
  EXPECT_EQ(key_requests, before + 1);
}

TEST_F(AttackMediaTest, TenThousandStreamsOfOnePeerAreNobodysAndHisOwnGoesOn) {
  send_frame(true);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    if (i % 5 == 0) now = now + 1ms;  // within the budget
    const std::string rid = "r" + std::to_string(i);
    const RtpExtensionElement elements[] = {{kMidId, bytes_of("0")}, {kRidId, bytes_of(rid)}};
    auto datagram = source->browser.protect_rtp(
        {.payload_type = 101, .sequence = 1, .ssrc = 1000 + i}, elements, bytes_of("\x10\x01"));
    engine.handle_datagram(now, path(1), datagram, out);
    EXPECT_TRUE(out.empty());
  }
  // So many reach the look-up; the rest end with the limit of SRTP's own.
  EXPECT_EQ(drops(MediaDrop::UnknownSsrc), SrtpReceiver::kStreamsMax - 1);
  EXPECT_EQ(drops(MediaDrop::NotAuthentic), 10'000 - SrtpReceiver::kStreamsMax + 1);
  send_frame(false);
  EXPECT_EQ(good_packets, 2U);
  for (int i = 0; i < 50; ++i, now = now + 100ms) tick();
  EXPECT_EQ(engine.producer(producer)->stream_count(), 1U);
}

// Of sources and extensions that are there, with what they like in them; now and then of more than
// there is.
Octets lying_head(Random& dice, std::uint16_t sequence) {
  Octets head(12 + 4 * (dice.u32() % 16));
  dice.fill(head);
  const auto sources = static_cast<unsigned>(head.size() / 4 - 3);
  const bool has_extension = dice.u32() % 2 == 0;
  head[0] = static_cast<std::uint8_t>(0x80U | (dice.u32() & 0x20U) | sources);
  head[1] = static_cast<std::uint8_t>((head[1] & 0x80U) | 101U);
  ByteWriter fields(MutableBytes(head).subspan(2));
  fields.u16(sequence);
  fields.u32(900U * sequence);
  fields.u32(5);
  if (has_extension) {
    const std::size_t words = dice.u32() % 12;
    Octets extension(4 + 4 * words);
    dice.fill(extension);
    ByteWriter start(extension);
    start.u16(dice.u32() % 2 == 0 ? 0xBEDE : 0x1000);
    start.u16(static_cast<std::uint16_t>(words));
    head[0] |= 0x10U;
    head.insert(head.end(), extension.begin(), extension.end());
  }
  if (dice.u32() % 4 == 0) head[dice.u32() % 2 == 0 ? 0 : head.size() - 1] ^= 0x0FU;
  return head;
}

// Padding of nothing, of more than there is, extensions that end outside, sources that are not
// there: over many seeds, with an intact packet between them.
TEST_F(AttackMediaTest, LiesOfTheHeaderHarmNobody) {
  send_frame(true);
  std::size_t sent = 1;
  SeededRandom dice(11);
  for (int i = 0; i < 5000; ++i) {
    const std::uint16_t lie = ++sequence;
    const Octets head = lying_head(dice, lie);
    Octets payload(dice.u32() % 20);
    dice.fill(payload);
    if (!payload.empty() && dice.u32() % 2 == 0) {  // how much of it is padding
      payload.back() = static_cast<std::uint8_t>(dice.u32() % 2 == 0 ? 0 : payload.size() + 1);
    }
    auto datagram = source->browser.protect_rtp(head, payload, lie);
    engine.handle_datagram(now, path(1), datagram, out);
    settle();
    if (i % 50 != 0) continue;
    const std::size_t before = good_packets;
    send_frame(true);
    ++sent;
    EXPECT_EQ(good_packets, before + 1) << i;
  }
  EXPECT_GT(sent, 100U);
  EXPECT_GT(drops(MediaDrop::Malformed), 1000U);
}

TEST_F(AttackMediaTest, LiesOfCompoundReportsHarmNobody) {
  send_frame(true);
  SeededRandom dice(12);
  const Octets good_one = rtcp_packet([](ByteWriter& out_) {
    SenderReport lie;
    lie.ssrc = 5;
    lie.ntp = ~std::uint64_t{0};
    lie.rtp_timestamp = 0xFFFFFFFF;
    lie.write(out_);
    Sdes::write(out_, 5, "a name");
    const std::uint32_t sources[] = {5, 9};
    Bye::write(out_, 5);
    Pli{1, 9}.write(out_);
    const std::uint16_t numbers[] = {1, 2, 65535};
    Nack::write(out_, 1, 9, numbers);
    Remb::write(out_, 1, 1'000'000, sources);
  });
  std::size_t frames = 0;
  for (int i = 0; i < 5000; ++i, now = now + 1ms) {
    Octets lie = good_one;
    for (std::uint32_t k = dice.u32() % 6; k > 0; --k) {
      lie[8 + dice.u32() % (lie.size() - 8)] = static_cast<std::uint8_t>(dice.u32());
    }
    if (i % 7 == 0) lie.resize(8 + dice.u32() % (lie.size() - 8));
    report(i % 2 == 0 ? *source : *bad, std::move(lie));
    if (i % 50 != 0) continue;
    send_frame(false);
    ++frames;
  }
  EXPECT_EQ(good_packets, frames + 1);
  EXPECT_GT(drops(MediaDrop::Malformed), 100U);
  EXPECT_EQ(state(*good), WebRtcTransport::State::Connected);
}

// The receiver says that all of it came at once, and of numbers that were never sent.
TEST_F(AttackMediaTest, FeedbackThatLiesLiftsTheEstimateNoHigherThanWhatIsSent) {
  std::uint8_t count = 0;
  for (std::uint16_t i = 0; i < 1500; ++i, now = now + 20ms) {  // 400 kbit/s, half a minute
    send_frame(i == 0);
    if (i % 5 != 4) continue;
    TransportFeedbackBuilder builder(static_cast<std::uint16_t>(i - 4), 1s);
    for (std::uint16_t k = 0; k < 200; ++k) builder.add(static_cast<std::uint16_t>(i - 4 + k), 1s);
    report(*bad, rtcp_packet([&](ByteWriter& out_) { builder.write(out_, 1, 9, count++); }));
  }
  const BandwidthEstimator* const bandwidth = engine.web_rtc(bad->id)->bandwidth();
  ASSERT_NE(bandwidth, nullptr);
  EXPECT_LE(bandwidth->estimate(), DataRate::kbps(420) * 1.5 + DataRate::kbps(10));
}

TEST_F(AttackMediaTest, AReceiverWhoClaimsNothingOrEverythingHurtsNobodyElse) {
  for (const std::uint64_t claim : {std::uint64_t{0}, std::uint64_t{10'000'000'000}}) {
    const std::size_t before = good_packets;
    for (int i = 0; i < 500; ++i, now = now + 10ms) {
      send_frame(i == 0);
      const std::uint32_t sources[] = {9};
      report(*bad, rtcp_packet([&](ByteWriter& out_) { Remb::write(out_, 1, claim, sources); }));
      tick();
    }
    EXPECT_EQ(good_packets, before + 500);
    const DataRate estimate = engine.web_rtc(bad->id)->bandwidth()->estimate();
    EXPECT_GE(estimate, BandwidthEstimator::Options{}.min);
    EXPECT_LE(estimate, BandwidthEstimator::Options{}.max);
  }
  EXPECT_EQ(engine.web_rtc(good->id)->bandwidth()->estimate(), BandwidthEstimator::Options{}.start);
}

// Of authentic media, and of rubbish that only decryption would tell from it.
TEST_F(AttackMediaTest, AFloodIsCutBeforeDecryptionAndOthersAreServedInOrder) {
  End& flooder = open_connected(4);
  ASSERT_TRUE(engine.produce(flooder.id, {.kind = MediaKind::Video,
                                          .codec = MediaCodec::Vp8,
                                          .payload_type = 101,
                                          .mid = "1",
                                          .streams = {{.ssrc = 70}}}));
  const Octets payload(kOctets, 0x10);
  std::uint16_t number = 0;
  std::size_t frames = 0;
  const auto flood = [&](int packets_per_ms, bool is_authentic) {
    for (int ms = 0; ms < 1000; ++ms, now = now + 1ms) {
      for (int i = 0; i < packets_per_ms; ++i) {
        auto datagram = flooder.browser.protect_rtp(
            {.payload_type = 101, .sequence = ++number, .ssrc = 70}, {}, payload);
        if (!is_authentic) datagram.back() ^= 1;
        engine.handle_datagram(now, path(4), datagram, out);
      }
      out.clear();
      if (ms % 20 != 0) continue;
      send_frame(frames++ == 0);
      ASSERT_EQ(good_packets, frames) << "served in turn, packet by packet";
      EXPECT_EQ(newest_to_bad, sequence) << "and in order";
    }
  };
  // 40 Mbit/s of rubbish in 5 packets a millisecond: what does not fit is not looked at.
  flood(5, false);
  const std::uint64_t looked_at = drops(MediaDrop::NotAuthentic);
  EXPECT_LE(looked_at * kOctets, 2 * std::uint64_t{MediaEngine::kInputOctets});
  EXPECT_EQ(drops(MediaDrop::OverBudget), 5000 - looked_at);
  // Ten times the budget of media with the right keys.
  now = now + 1s;
  const std::uint64_t cut = drops(MediaDrop::OverBudget);
  flood(36, true);
  const std::uint64_t taken = 36'000 - (drops(MediaDrop::OverBudget) - cut);
  EXPECT_LE(taken * kOctets, 2 * std::uint64_t{MediaEngine::kInputOctets});
  EXPECT_GE(taken * (kOctets + 100), std::uint64_t{MediaEngine::kInputOctets});
  EXPECT_EQ(good_packets, frames);
}

TEST_F(AttackMediaTest, AFloodOfSmallPacketsIsCutByTheirNumber) {
  send_frame(true);
  const std::uint64_t before = drops(MediaDrop::OverBudget);
  for (int i = 0; i < 60'000; ++i) {
    if (i % 60 == 0) now = now + 1ms;
    Octets rubbish(30, 0x80);
    rubbish[1] = 101;
    engine.handle_datagram(now, path(1), rubbish, out);
  }
  EXPECT_GE(drops(MediaDrop::OverBudget) - before, 60'000U - 2 * MediaEngine::kInputPackets);
  EXPECT_LE(drops(MediaDrop::NotAuthentic), 2 * std::uint64_t{MediaEngine::kInputPackets});
}

// A second of 25 Mbit/s in 3000 packets, and then a key frame of a megabyte at once.
TEST_F(AttackMediaTest, WhatCamerasAndScreensSendIsWithinTheBudget) {
  send_frame(true);
  for (int i = 0; i < 3000; ++i) {
    if (i % 3 == 0) now = now + 1ms;
    send_frame(false);
  }
  for (int i = 0; i < 1000; ++i) send_frame(false);
  EXPECT_EQ(drops(MediaDrop::OverBudget), 0U);
  EXPECT_EQ(good_packets, 4001U);
}

TEST_F(AttackMediaTest, OneReceiverGetsNoMoreThanAnyBrowserCouldShow) {
  Consumer::Options options{.ssrc = 100, .payload_type = 101, .cname = "c"};
  std::vector<End*> sources;
  constexpr std::uint16_t kSources = 12;
  for (std::uint16_t i = 0; i < kSources; ++i) {
    sources.push_back(&open_connected(static_cast<std::uint16_t>(20 + i)));
    const auto made = *engine.produce(sources.back()->id, {.kind = MediaKind::Video,
                                                           .codec = MediaCodec::Vp8,
                                                           .payload_type = 101,
                                                           .mid = "0",
                                                           .streams = {{.ssrc = 5}}});
    ++options.ssrc;
    ASSERT_TRUE(engine.consume(bad->id, made, options));
  }
  Octets payload(kOctets, 0);
  payload[0] = 0x10;
  std::size_t sent = 0;
  std::size_t received = 0;
  std::uint16_t number = 0;
  for (int ms = 0; ms < 1000; ++ms, now = now + 1ms) {
    for (int i = 0; i < 3; ++i) {  // 24 Mbit/s from each
      ++number;
      for (End* const from : sources) {
        auto datagram = from->browser.protect_rtp(
            {.payload_type = 101, .marker = true, .sequence = number, .ssrc = 5}, {}, payload);
        engine.handle_datagram(now, from->browser.path(), datagram, out);
        sent += kOctets;
      }
      for (const auto& slot : rtc::testing::datagrams_in(out)) {
        if (slot.path == path(2)) received += slot.octets.size();
      }
      out.clear();
    }
  }
  ASSERT_GT(sent, std::size_t{WebRtcTransport::kOutputOctets} * 18 / 10);
  EXPECT_LE(received, std::size_t{WebRtcTransport::kOutputOctets} * 16 / 10);
  EXPECT_GE(received, std::size_t{WebRtcTransport::kOutputOctets});
  EXPECT_GT(out.refused(), 0U);
}

// All of them at once, for a minute: the publisher hears of it twice a second at most.
TEST_F(AttackMediaTest, ManyViewersWhoStormRaiseThePublishersKeyFrameRateLittle) {
  std::vector<End*> viewers;
  for (std::uint16_t i = 0; i < 30; ++i) {
    viewers.push_back(&open_connected(static_cast<std::uint16_t>(20 + i)));
    ASSERT_TRUE(engine.consume(viewers.back()->id, producer,
                               {.ssrc = 9, .payload_type = 101, .cname = "c"}));
  }
  send_frame(true);
  int answered = 0;
  const Instant start = now;
  for (int step = 0; step < 1200; ++step, now = now + 50ms) {
    for (End* const viewer : viewers) {
      report(*viewer, rtcp_packet([](ByteWriter& out_) { Pli{1, 9}.write(out_); }));
      if (step % 100 != 0) continue;
      auto check = viewer->browser.check();
      engine.handle_datagram(now, viewer->browser.path(), check, out);
    }
    if (step % 100 == 0) {
      for (End* const end : {source, bad, good}) {
        auto check = end->browser.check();
        engine.handle_datagram(now, end->browser.path(), check, out);
      }
    }
    tick();
    send_frame(std::exchange(answered, key_requests) != key_requests);
  }
  EXPECT_GE(key_requests, 12);
  EXPECT_LE(key_requests, (now - start) / 500ms + 1);
}

// Within one round trip no more is retransmitted than was sent, however much is asked for.
TEST_F(AttackMediaTest, ABurstOfNacksBringsEachPacketOnceARoundTrip) {
  for (int i = 0; i < 200; ++i) send_frame(i == 0);
  std::vector<std::uint16_t> numbers;
  for (std::uint16_t k = 0; k < 100; ++k) {
    numbers.push_back(static_cast<std::uint16_t>(newest_to_bad - k));
  }
  const auto nack = [&] {
    report(*bad, rtcp_packet([&](ByteWriter& out_) { Nack::write(out_, 1, 9, numbers); }));
  };
  for (int i = 0; i < 50; ++i) nack();
  EXPECT_EQ(resent_to_bad, 100 * (kOctets + 2)) << "each once";
  for (int i = 0; i < 50; ++i, now = now + 10ms) nack();
  EXPECT_LE(resent_to_bad, 201 * (kOctets + 2)) << "in all, as much as was sent";
  EXPECT_GT(engine.consumer(bad_consumer)->refused(), 0U);
}

}  // namespace
