#include <gtest/gtest.h>

#include <set>

#include "netsim/link.hpp"
#include "rtc/stream/nack_requester.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::NackRequester;

constexpr std::int64_t kPackets = 2000;
constexpr Duration kSpacing = 5ms;

// A sender of kPackets, the way to the requester and back, in virtual time; always steps to the
// soonest event.
struct Call {
  Call(std::uint64_t seed, Duration rtt, double loss)
      : media({.delay = rtt / 2, .jitter = 5ms, .loss = loss, .seed = seed}),
        feedback({.delay = rtt / 2, .loss = loss, .seed = seed + 1000}) {}

  void run(Instant end) {
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
      for (const std::int64_t lost : requester.poll_nack(now, buffer)) {
        feedback.send(now, lost);
        ++requests;
        asked.insert(lost);
      }
    }
  }

  sim::Link<std::int64_t> media;
  sim::Link<std::int64_t> feedback;
  NackRequester requester;
  Instant now;
  std::int64_t next = 0;
  std::set<std::int64_t> received;
  std::set<std::int64_t> asked;
  std::size_t requests = 0;
};

// Goal: with 10 % loss in both directions, retransmission repairs every hole within some round
// trips of the last packet, however long those are. Method: many seeds.
TEST(NackRequesterSim, RepairsTenPercentLossBothWays) {
  for (const Duration rtt : {60ms, 200ms, 400ms}) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      SCOPED_TRACE(testing::Message() << "rtt " << rtt.count() << " us, seed " << seed);
      Call call(seed, rtt, 0.1);
      call.run(Instant() + kSpacing * kPackets + 2s + 10 * rtt);
      // The requester cannot know of a loss after the newest packet it saw, nor of one before the
      // first; everything between must have been repaired.
      const auto span = static_cast<std::size_t>(*call.received.rbegin() - *call.received.begin());
      EXPECT_EQ(call.received.size(), span + 1);
      EXPECT_EQ(call.requester.next_timeout(), Instant::never());
      EXPECT_FALSE(call.requester.poll_key_frame_wanted());
    }
  }
}

// Goal: a long round trip is learnt, so that what is on its way already is not asked for again.
// Method: 2 % loss of media and of feedback; but for the first seconds there are few more requests
// than what was lost on the way.
TEST(NackRequesterSim, ALongRoundTripCostsNoSecondRequests) {
  for (const Duration rtt : {60ms, 200ms, 400ms}) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      SCOPED_TRACE(testing::Message() << "rtt " << rtt.count() << " us, seed " << seed);
      Call call(seed, rtt, 0.02);
      call.run(Instant::at(3s));
      call.requests = 0;
      call.asked.clear();
      call.run(Instant() + kSpacing * kPackets + 3s);
      EXPECT_LE(static_cast<double>(call.requests), 1.25 * static_cast<double>(call.asked.size()));
    }
  }
}

}  // namespace
