#include <gtest/gtest.h>

#include <set>

#include "netsim/link.hpp"
#include "rtc/stream/nack_requester.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::NackRequester;

// Goal: with 10 % loss in both directions and a 60 ms round trip, retransmission repairs every hole
// within two seconds of the last packet. Method: run sender, links and requester in virtual time,
// always stepping to the soonest event.
TEST(NackRequesterSim, RepairsTenPercentLossBothWays) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    sim::Link<std::int64_t> media({.delay = 30ms, .jitter = 5ms, .loss = 0.1, .seed = seed});
    sim::Link<std::int64_t> feedback({.delay = 30ms, .loss = 0.1, .seed = seed + 1000});
    NackRequester requester;

    constexpr std::int64_t kPackets = 500;
    constexpr Duration kSpacing = 5ms;
    std::set<std::int64_t> received;
    std::int64_t next = 0;
    Instant now;
    const Instant end = now + kSpacing * kPackets + 2s;
    while (now < end) {
      const Instant next_send = next < kPackets ? Instant::at(kSpacing * next) : Instant::never();
      now = std::min({end, next_send, media.next_timeout(), feedback.next_timeout(),
                      requester.next_timeout()});
      if (next_send <= now) media.send(now, next++);
      while (const auto wanted = feedback.poll(now)) media.send(now, *wanted);
      while (const auto sequence = media.poll(now)) {
        received.insert(*sequence);
        requester.on_packet(now, *sequence);
      }
      std::array<std::int64_t, 17> buffer;
      for (const std::int64_t lost : requester.poll_nack(now, buffer)) feedback.send(now, lost);
    }
    // The requester cannot know of a loss after the newest packet it saw, nor of one before the
    // first; everything between must have been repaired.
    const auto span = static_cast<std::size_t>(*received.rbegin() - *received.begin() + 1);
    EXPECT_EQ(received.size(), span);
    EXPECT_EQ(requester.next_timeout(), Instant::never());
    EXPECT_FALSE(requester.poll_key_frame_wanted());
  }
}

}  // namespace
