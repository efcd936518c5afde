#include "rtc/stream/nack_requester.hpp"

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace std::chrono_literals;
using rtc::NackRequester;
using Numbers = std::vector<std::int64_t>;

Numbers poll(NackRequester& requester, Instant now, std::size_t room = 64) {
  std::vector<std::int64_t> buffer(room);
  const auto due = requester.poll_nack(now, buffer);
  return {due.begin(), due.end()};
}

TEST(NackRequester, AsksOnceThePacketCannotBeMerelyLate) {
  NackRequester requester;
  requester.on_packet(Instant(), 10);
  requester.on_packet(Instant(), 13);
  EXPECT_EQ(requester.next_timeout(), Instant::at(10ms));
  EXPECT_EQ(poll(requester, Instant::at(9ms)), Numbers{});
  EXPECT_EQ(poll(requester, Instant::at(10ms)), (Numbers{11, 12}));
  requester.on_packet(Instant::at(20ms), 11);
  EXPECT_EQ(poll(requester, Instant::at(134ms)), Numbers{});
  EXPECT_EQ(poll(requester, Instant::at(135ms)), Numbers{12});
  requester.on_packet(Instant::at(145ms), 12);
  EXPECT_EQ(requester.next_timeout(), Instant::never());
}

TEST(NackRequester, AsksAgainAfterTheRoundTripThatItSaw) {
  NackRequester requester;
  requester.on_packet(Instant(), 10);
  requester.on_packet(Instant(), 12);
  EXPECT_EQ(poll(requester, Instant::at(10ms)), Numbers{11});
  requester.on_packet(Instant::at(50ms), 11);  // 40 ms
  requester.on_packet(Instant::at(60ms), 14);
  EXPECT_EQ(poll(requester, Instant::at(70ms)), Numbers{13});
  EXPECT_EQ(poll(requester, Instant::at(119ms)), Numbers{});
  EXPECT_EQ(poll(requester, Instant::at(120ms)), Numbers{13});
  requester.on_packet(Instant::at(121ms), 13);  // of which request is not known: it waits longer
  requester.on_packet(Instant::at(130ms), 16);
  EXPECT_EQ(poll(requester, Instant::at(140ms)), Numbers{15});
  EXPECT_EQ(requester.next_timeout(), Instant::at(240ms));
  requester.on_packet(Instant::at(200ms), 15);  // 60 ms
  requester.on_packet(Instant::at(200ms), 18);
  EXPECT_EQ(poll(requester, Instant::at(210ms)), Numbers{17});
  EXPECT_EQ(requester.next_timeout(), Instant::at(285ms));
}

TEST(NackRequester, ABurstThatIsAnsweredLateDoublesTheWaitOnce) {
  NackRequester requester;
  requester.on_packet(Instant(), 0);
  requester.on_packet(Instant(), 51);
  EXPECT_EQ(poll(requester, Instant::at(10ms)).size(), 50U);
  EXPECT_EQ(poll(requester, Instant::at(135ms)).size(), 50U);
  for (std::int64_t late = 1; late <= 50; ++late) requester.on_packet(Instant::at(210ms), late);
  requester.on_packet(Instant::at(220ms), 53);
  EXPECT_EQ(poll(requester, Instant::at(230ms)), Numbers{52});
  EXPECT_EQ(requester.next_timeout(), Instant::at(480ms));
}

TEST(NackRequester, GivesUpAfterItsTries) {
  NackRequester requester;
  requester.on_packet(Instant(), 1);
  requester.on_packet(Instant(), 3);
  int tries = 0;
  while (requester.next_timeout() != Instant::never()) {
    tries += static_cast<int>(poll(requester, requester.next_timeout()).size());
  }
  EXPECT_EQ(tries, 10);
  EXPECT_TRUE(requester.poll_key_frame_wanted());
  EXPECT_FALSE(requester.poll_key_frame_wanted());
}

TEST(NackRequester, WantsAKeyFrameForAGapThatIsTooLarge) {
  NackRequester requester;
  requester.on_packet(Instant(), 0);
  requester.on_packet(Instant(), 1001);
  EXPECT_FALSE(requester.poll_key_frame_wanted());
  requester.on_packet(Instant(), 1003);
  EXPECT_TRUE(requester.poll_key_frame_wanted());
  EXPECT_EQ(requester.next_timeout(), Instant::never());
  requester.on_packet(Instant(), std::int64_t{1} << 60);
  EXPECT_TRUE(requester.poll_key_frame_wanted());
}

TEST(NackRequester, WhatDoesNotFitStaysDue) {
  NackRequester requester;
  requester.on_packet(Instant(), 0);
  requester.on_packet(Instant(), 6);
  EXPECT_EQ(poll(requester, Instant::at(10ms), 2), (Numbers{1, 2}));
  EXPECT_EQ(requester.next_timeout(), Instant::at(10ms));
  EXPECT_EQ(poll(requester, Instant::at(10ms), 9), (Numbers{3, 4, 5}));
}

TEST(NackRequester, DuplicatesAndStrangersChangeNothing) {
  NackRequester requester;
  requester.on_packet(Instant(), 5);
  requester.on_packet(Instant(), 5);
  requester.on_packet(Instant(), -3);
  EXPECT_EQ(requester.next_timeout(), Instant::never());
}

// Answers that come at once, but always to a second request: the wait grows to its ceiling, no
// more.
TEST(NackRequester, WaitsNoLongerThanTheCeilingHoweverShortTheRoundTrip) {
  NackRequester requester;
  requester.on_packet(Instant(), 0);
  requester.on_packet(Instant(), 2);
  Instant now = requester.next_timeout();
  EXPECT_EQ(poll(requester, now), Numbers{1});
  requester.on_packet(now, 1);  // a round trip of nothing
  for (std::int64_t lost = 3; lost < 100; lost += 2) {
    requester.on_packet(now, lost + 1);
    for (int asked = 0; asked < 2; ++asked) {
      now = requester.next_timeout();
      EXPECT_EQ(poll(requester, now), Numbers{lost});
    }
    EXPECT_LE(requester.next_timeout() - now, 1s);
    requester.on_packet(now, lost);
  }
}

}  // namespace
