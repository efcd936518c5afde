// Storms and lies of feedback, with the right keys: what they may cost others, and how much; and
// what honest receivers need.
#include "rtc/rtcp/fir.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/remb.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "tests/transport/attack_media_fixture.hpp"

namespace {

using namespace rtc;
using namespace rtc::testing;

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
  EXPECT_EQ(drops(MediaDrop::ResendOverBudget), engine.consumer(bad_consumer)->refused());
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
      if (now.since_zero() % 5s == 0s) consent();
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
    if (step % 100 == 0) consent();
    tick();
    send_frame(std::exchange(answered, key_requests) != key_requests);
  }
  EXPECT_GE(key_requests, 12);
  EXPECT_LE(key_requests, (now - start) / 500ms + 1);
}

// Within one round trip the server retransmits at most what it sent, however often it is asked.
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

// A thousand times a second for the last 680 packets, as tests/abuse does it.
TEST_F(AttackMediaTest, AStormOfFeedbackIsCutAndTheOthersAreHeard) {
  std::vector<std::uint16_t> all(680);
  const auto ask = [&](End& from, std::span<const std::uint16_t> numbers) {
    report(from, rtcp_packet([&](ByteWriter& out_) { Nack::write(out_, 1, 9, numbers); }));
  };
  constexpr int kFrames = 1000;
  for (int i = 0; i < kFrames; ++i, now = now + 5ms) {
    send_frame(i == 0);
    for (std::size_t k = 0; k < all.size(); ++k) {
      all[k] = static_cast<std::uint16_t>(newest_to_bad - all.size() + 1 + k);
    }
    for (int k = 0; k < 5; ++k) ask(*bad, all);
    if (i % 10 == 9) ask(*good, std::span(all).last(1));
  }
  // 172 octets each, of a twentieth of what is sent, the rate and the burst.
  constexpr std::int64_t kEarned = FeedbackBudget::kBurst + 5 * FeedbackBudget::kPerSecond +
                                   kFrames * std::int64_t{kOctets} / FeedbackBudget::kShare;
  EXPECT_GE(drops(MediaDrop::FeedbackOverBudget), 5 * kFrames - kEarned / 172 - 1);
  EXPECT_LE(resent_to_bad, sent_to_bad + kFrames * 2);
  EXPECT_EQ(engine.consumer(good_consumer)->resent(), kFrames / 10);
  EXPECT_EQ(good_packets, kFrames + kFrames / 10);
  // A second later it may speak again.
  now = now + 1s;
  const std::uint64_t refused = drops(MediaDrop::FeedbackOverBudget);
  send_frame(false);
  ask(*bad, std::span(&newest_to_bad, 1));
  EXPECT_EQ(drops(MediaDrop::FeedbackOverBudget), refused);
}

// Each loss is asked for by itself, again while that is lost too, beside reports of arrival and now
// and then a lost picture: at 16 kbit/s, 400 kbit/s and 20 Mbit/s.
TEST_F(AttackMediaTest, HonestFeedbackAtTwentyPercentLossIsNeverRefused) {
  SeededRandom dice(20);
  const auto is_lost = [&] { return dice.u32() % 5 == 0; };
  std::uint64_t asked = 0;
  std::uint16_t number = 0;  // of the reports of arrival
  for (const Duration pause : {Duration{500ms}, Duration{20ms}, Duration{400us}}) {
    consent();
    std::deque<std::pair<Instant, std::uint16_t>> missing;
    Instant picture_at = now + 6s;
    Instant arrivals_at = now + 50ms;
    const Instant end = now + 25s;
    for (int i = 0; now < end && i < 10'000; ++i, now = now + pause) {
      send_frame(i == 0);
      if (is_lost()) missing.emplace_back(now, newest_to_bad);
      while (!missing.empty() && missing.front().first <= now) {
        const std::uint16_t one = missing.front().second;
        missing.pop_front();
        report(*bad, rtcp_packet([&](ByteWriter& out_) { Nack::write(out_, 1, 9, {&one, 1}); }));
        ++asked;
        if (is_lost()) missing.emplace_back(now + 60ms, one);
      }
      if (now >= std::exchange(arrivals_at, std::max(arrivals_at, now + 50ms))) {
        TransportFeedbackBuilder builder(++number, 1s);
        builder.add(number, 1s);
        report(*bad, rtcp_packet([&](ByteWriter& out_) { builder.write(out_, 1, 9, 0); }));
      }
      if (now < picture_at) continue;
      picture_at = now + 6s;
      report(*bad, rtcp_packet([](ByteWriter& out_) { Pli{1, 9}.write(out_); }));
    }
    now = now + 1s;
  }
  EXPECT_GT(asked, 900U);
  // At 20 Mbit/s the memory of packets is shorter than the third repetition takes.
  EXPECT_GE(engine.consumer(bad_consumer)->resent(), asked - asked / 100);
  for (const auto reason :
       {MediaDrop::FeedbackOverBudget, MediaDrop::ResendOverBudget, MediaDrop::TooOften}) {
    EXPECT_EQ(drops(reason), 0U);
  }
}

}  // namespace
