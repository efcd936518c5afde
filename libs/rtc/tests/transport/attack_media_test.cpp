// Attacks by who takes part, with the right keys: what they may cost others, and how much.
#include "rtc/rtcp/bye.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/remb.hpp"
#include "rtc/rtcp/sdes.hpp"
#include "tests/transport/attack_media_fixture.hpp"

namespace {

using namespace rtc;
using namespace rtc::testing;

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

}  // namespace
