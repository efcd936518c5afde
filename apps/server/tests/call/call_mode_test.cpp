// Which way media takes, as the people of a room learn of it.
#include "call/call_mode.hpp"

#include <gtest/gtest.h>

#include "call/calls.hpp"
#include "recording_audience.hpp"

namespace server::call {
namespace {

using namespace std::chrono_literals;

class CallModeTest : public testing::Test {
 protected:
  explicit CallModeTest(std::size_t p2p_max = 2)
      : calls_(audience_, {.peers_max = 100, .p2p_peers_max = p2p_max}) {
    room::Room info;
    info.id = "r";
    room_ = calls_.open(info);
  }

  void come(const PeerId& peer) {
    calls_.connect(
        peer, Identity{.user_id = {}, .guest_id = peer, .name = peer, .sid = {}, .address = "::1"});
    calls_.enter(*room_, peer);
  }
  void go(const PeerId& peer) { calls_.leave(peer, "left"); }
  // "mode reason" of each move that everybody was told of, since the last call.
  std::string moves() {
    std::string text;
    for (const auto& one : audience_.told) {
      const auto* const moved = std::get_if<RoomMoved>(&one.notice);
      if (moved == nullptr) continue;
      text.append(name_of(moved->mode)).append(" ").append(name_of(moved->reason)).append(";");
    }
    audience_.clear();
    return text;
  }
  Mode mode() const { return room_->mode.mode(); }

  RecordingAudience audience_;
  Calls calls_;
  std::shared_ptr<CallRoom> room_;
};

TEST_F(CallModeTest, MovesToTheSfuWithTheOneTooMany) {
  come("a");
  come("b");
  EXPECT_EQ(moves(), "");
  EXPECT_EQ(mode(), Mode::P2p);
  come("c");
  const auto told = audience_.heard<RoomMoved>("room r but c");
  ASSERT_EQ(told.size(), 1U) << "who comes learns it with room:joined";
  EXPECT_EQ(moves(), "sfu size;");
  come("d");
  EXPECT_EQ(moves(), "");
}

TEST_F(CallModeTest, MovesBackAfterFiveSecondsOfTheSmallerSize) {
  for (const char* peer : {"a", "b", "c"}) come(peer);
  moves();
  go("c");
  calls_.settle_modes(Instant::at(100s));
  calls_.settle_modes(Instant::at(104'999ms));
  EXPECT_EQ(moves(), "");
  calls_.settle_modes(Instant::at(105s));
  EXPECT_EQ(moves(), "p2p size;");
  EXPECT_EQ(mode(), Mode::P2p);
}

TEST_F(CallModeTest, StaysWhenItGrowsAgainMeanwhile) {
  for (const char* peer : {"a", "b", "c"}) come(peer);
  go("c");
  calls_.settle_modes(Instant::at(100s));
  come("c");
  moves();
  calls_.settle_modes(Instant::at(106s));
  go("c");
  calls_.settle_modes(Instant::at(107s));
  calls_.settle_modes(Instant::at(111s));
  EXPECT_EQ(moves(), "") << "the five seconds begin anew";
  calls_.settle_modes(Instant::at(112s));
  EXPECT_EQ(moves(), "p2p size;");
}

TEST_F(CallModeTest, WhatFailedPeerToPeerStaysInTheSfuUntilTheRoomIsEmpty) {
  come("a");
  come("b");
  calls_.request_sfu(*room_);
  EXPECT_EQ(moves(), "sfu p2p-failed;");
  calls_.request_sfu(*room_);
  calls_.settle_modes(Instant::at(100s));
  calls_.settle_modes(Instant::at(200s));
  EXPECT_EQ(moves(), "");
  EXPECT_EQ(calls_.choose_mode(*room_, Mode::P2p).error().code, "FORBIDDEN");
  room_->removed.insert("somebody");  // keeps the room
  go("a");
  go("b");
  come("a");
  EXPECT_EQ(mode(), Mode::P2p);
}

TEST_F(CallModeTest, TheHostsChoiceHoldsAndTheHostMayUndoIt) {
  come("a");
  come("b");
  EXPECT_TRUE(calls_.choose_mode(*room_, Mode::Sfu));
  EXPECT_EQ(moves(), "sfu host;");
  calls_.settle_modes(Instant::at(100s));
  calls_.settle_modes(Instant::at(200s));
  EXPECT_EQ(moves(), "");
  EXPECT_TRUE(calls_.choose_mode(*room_, Mode::P2p));
  EXPECT_EQ(moves(), "p2p host;");
  come("c");
  EXPECT_EQ(moves(), "sfu size;");
  EXPECT_EQ(calls_.choose_mode(*room_, Mode::P2p).error().code, "FORBIDDEN");
}

class CallModeAlwaysSfuTest : public CallModeTest {
 protected:
  CallModeAlwaysSfuTest() : CallModeTest(0) {}
};

TEST_F(CallModeAlwaysSfuTest, HoldsFromTheFirstOn) {
  come("a");
  EXPECT_EQ(mode(), Mode::Sfu);
  calls_.settle_modes(Instant::at(100s));
  calls_.settle_modes(Instant::at(200s));
  EXPECT_EQ(mode(), Mode::Sfu);
}

}  // namespace
}  // namespace server::call
