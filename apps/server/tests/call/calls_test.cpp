#include "call/calls.hpp"

#include <gtest/gtest.h>

#include "call/access.hpp"
#include "recording_audience.hpp"

namespace server::call {
namespace {

using namespace std::chrono_literals;

Identity user(std::string id) {
  return {.user_id = id, .guest_id = {}, .name = "name-" + id, .sid = "s", .address = "::1"};
}
Identity guest(std::string name) {
  return {.user_id = std::nullopt,
          .guest_id = "guest-" + name,
          .name = name,
          .sid = {},
          .address = "192.0.2.1"};
}

class CallsTest : public testing::Test {
 protected:
  CallsTest() : calls_(audience_, {.peers_max = 3, .p2p_peers_max = 2}) {
    room::Room info;
    info.id = "r";
    info.host_id = "host";
    room_ = calls_.open(info);
  }

  void come(const PeerId& peer, Identity who) {
    calls_.connect(peer, std::move(who));
    calls_.enter(*room_, peer);
  }
  bool is_host(const PeerId& peer) { return calls_.find(peer)->is_host; }

  RecordingAudience audience_;
  Calls calls_;
  std::shared_ptr<CallRoom> room_;
};

TEST_F(CallsTest, OthersLearnWhoComesAndWhyTheyGo) {
  come("a", user("host"));
  audience_.clear();
  come("b", guest("Bo"));
  const auto joined = audience_.heard<PeerJoined>("room r but b");
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_EQ(joined[0].peer.user.username, "Bo");
  EXPECT_TRUE(joined[0].peer.user.guest);
  EXPECT_FALSE(joined[0].peer.user.host);

  calls_.disconnect("b", "left");
  const auto left = audience_.heard<PeerLeft>("room r but b");
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].reason, "left");
  EXPECT_EQ(calls_.peer_count("r"), 1U);
}

TEST_F(CallsTest, HostIsEveryConnectionOfTheHostsAccount) {
  come("a", user("other"));
  come("b", user("host"));
  come("c", user("host"));
  EXPECT_FALSE(is_host("a"));
  EXPECT_TRUE(is_host("b"));
  EXPECT_TRUE(is_host("c"));
}

TEST_F(CallsTest, FirstWithAnAccountStandsInUntilTheHostIsBack) {
  come("g", guest("Gus"));
  come("a", user("other"));
  EXPECT_TRUE(is_host("a"));
  EXPECT_FALSE(is_host("g"));
  audience_.clear();
  come("b", user("host"));
  EXPECT_FALSE(is_host("a"));
  const auto updates = audience_.heard<PeerUpdated>("room r but ");
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].peer, "a");
  EXPECT_FALSE(updates[0].user->host);

  calls_.leave("b", "left");
  EXPECT_TRUE(is_host("a"));
}

TEST_F(CallsTest, WhoComesAsHostHearsOfEveryoneWhoWaits) {
  calls_.connect("w", guest("Wu"));
  calls_.wait(*room_, "w", Instant::at(1s));
  come("a", user("host"));
  ASSERT_EQ(audience_.heard<LobbyKnock>("a").size(), 1U);
  calls_.disconnect("w", "left");
  EXPECT_EQ(audience_.heard<LobbyLeft>("a").size(), 1U);
}

TEST_F(CallsTest, StandInHearsOfWhoWaitsToo) {
  come("a", user("host"));
  come("b", user("other"));
  calls_.connect("w", guest("Wu"));
  calls_.wait(*room_, "w", Instant::at(1s));
  EXPECT_TRUE(audience_.heard<LobbyKnock>("b").empty());
  calls_.leave("a", "left");
  EXPECT_EQ(audience_.heard<LobbyKnock>("b").size(), 1U);
}

TEST_F(CallsTest, HeldPeerIsGoneForTheOthersButKeepsItsPlace) {
  come("a", user("host"));
  come("b", user("other"));
  audience_.clear();
  calls_.hold("b");
  const auto left = audience_.heard<PeerLeft>("room r but b");
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].reason, "disconnected");
  EXPECT_EQ(calls_.find("b")->place, Place::Held);
  EXPECT_EQ(calls_.find("b")->room_id, "r");
  audience_.clear();
  calls_.disconnect("b", "disconnected");
  EXPECT_TRUE(audience_.heard<PeerLeft>("room r but b").empty()) << "told twice";
}

TEST_F(CallsTest, ClosingTellsEachOnceAndNobodyOfTheOthers) {
  come("a", user("host"));
  come("b", user("other"));
  audience_.clear();
  calls_.close(*room_, "ended");
  EXPECT_EQ(audience_.heard<RoomClosed>("a").size(), 1U);
  EXPECT_EQ(audience_.heard<RoomClosed>("b").size(), 1U);
  EXPECT_EQ(audience_.told.size(), 2U);
  EXPECT_EQ(calls_.find_room("r"), nullptr);
}

TEST_F(CallsTest, RemovalOutlastsAnEmptyRoomAndWhoComesIn) {
  come("a", user("host"));
  room_->removed.insert(guest("Bo").ban_key());
  calls_.leave("a", "left");
  ASSERT_EQ(calls_.find_room("r"), room_);
  come("b", guest("Bo"));
  EXPECT_EQ(room_->removed.size(), 1U) << "only the host lifts it";
}

TEST_F(CallsTest, RemovalSticksToEveryLookAlikeOfTheName) {
  room_->removed.insert(guest("Bo").ban_key());
  for (const char* name : {"bo", "BO", "B0", "\u0412\u043E" /* Cyrillic */}) {
    EXPECT_TRUE(room_->removed.contains(guest(name).ban_key())) << name;
  }
  EXPECT_FALSE(room_->removed.contains(guest("Bob").ban_key()));
}

TEST_F(CallsTest, AQueryThatComesBackLateUndoesNoNewerChange) {
  room::Room older = room_->info;
  room::Room newer = room_->info;
  newer.updated_at += 1ms;
  newer.locked = true;
  calls_.learn(newer);
  calls_.open(older);
  EXPECT_TRUE(room_->info.locked);
  newer.updated_at += 1ms;
  newer.locked = false;
  calls_.open(newer);
  EXPECT_FALSE(room_->info.locked);
}

TEST_F(CallsTest, DenialsEndAndLetTheRoomGo) {
  come("a", user("host"));
  room_->denied_until["guest"] = Instant::at(60s);
  calls_.leave("a", "left");
  calls_.forget_denials(Instant::at(59s));
  EXPECT_NE(calls_.find_room("r"), nullptr);
  calls_.forget_denials(Instant::at(60s));
  EXPECT_EQ(calls_.find_room("r"), nullptr);
}

TEST_F(CallsTest, EmptyRoomStaysWhileSomebodyIsOnTheWayIn) {
  {
    const Entering entering(*room_);
    calls_.forget_denials(Instant::at(1s));
    EXPECT_EQ(calls_.find_room("r"), room_);
  }
  calls_.forget_denials(Instant::at(2s));
  EXPECT_EQ(calls_.find_room("r"), nullptr);
}

TEST_F(CallsTest, AccessIsCheckedStepByStep) {
  EXPECT_EQ(require_identity(calls_, "nobody").error().code, "UNAUTHORIZED");
  calls_.connect("x", std::nullopt);
  EXPECT_EQ(require_inside(calls_, "x").error().code, "UNAUTHORIZED");
  calls_.connect("g", guest("Gus"));
  EXPECT_EQ(require_inside(calls_, "g").error().code, "NOT_IN_ROOM");
  calls_.enter(*room_, "g");
  EXPECT_TRUE(require_inside(calls_, "g"));
  EXPECT_EQ(require_moderator(calls_, "g").error().code, "FORBIDDEN");
  come("a", user("other"));
  EXPECT_TRUE(require_moderator(calls_, "a"));
  EXPECT_EQ(require_host(calls_, "a").error().code, "FORBIDDEN");
  EXPECT_EQ(require_member(calls_, *room_, "x").error().code, "PEER_NOT_FOUND");
  EXPECT_TRUE(require_member(calls_, *room_, "g"));
}

}  // namespace
}  // namespace server::call
