#include "call/entry.hpp"

#include <gtest/gtest.h>

#include "recording_audience.hpp"

namespace server::call {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow = Instant::at(100s);

Identity account(std::string id) {
  return {.user_id = id, .guest_id = {}, .name = id, .sid = "s", .address = "::1"};
}
Identity guest(std::string name) {
  return {.user_id = {}, .guest_id = "g", .name = name, .sid = {}, .address = "192.0.2.1"};
}

class MayEnter : public testing::Test {
 protected:
  MayEnter() {
    room::Room info;
    info.id = "r";
    info.host_id = "hope";
    info.host_username = "hope";
    room_ = calls_.open(info);
  }
  // "inside", "door" or the code of the refusal.
  std::string answer(const Identity& who, WayIn way) {
    const auto entry = may_enter(calls_, {*room_, who, way, kNow});
    if (!entry) return std::string(entry.error().code);
    return *entry == Entry::Inside ? "inside" : "door";
  }
  // By every way that a newcomer, somebody at the door and somebody away have.
  std::string answers(const Identity& who) {
    std::string all;
    for (const WayIn way : {WayIn::Join, WayIn::Admission, WayIn::LobbyOff, WayIn::Return}) {
      all += (all.empty() ? "" : " ") + answer(who, way);
    }
    return all;
  }
  void come(const PeerId& peer, Identity who) {
    calls_.connect(peer, std::move(who));
    calls_.enter(*room_, peer);
  }

  RecordingAudience audience_;
  Calls calls_{audience_, {.peers_max = 2, .p2p_peers_max = 2}};
  std::shared_ptr<CallRoom> room_;
};

TEST_F(MayEnter, AnOpenRoomIsOpenToEveryone) {
  EXPECT_EQ(answers(account("bo")), "inside inside inside inside");
  EXPECT_EQ(answers(guest("Bo")), "inside inside inside inside");
}

TEST_F(MayEnter, TheHostAlwaysMayUntilTheRoomIsDeleted) {
  come("a", account("a"));
  come("b", account("b"));
  room_->info.locked = room_->info.lobby = true;
  room_->removed.insert(account("hope").ban_key());
  EXPECT_EQ(answers(account("hope")), "inside inside inside inside");
  room_->is_deleted = true;
  EXPECT_EQ(answers(account("hope")),
            "ROOM_NOT_FOUND ROOM_NOT_FOUND ROOM_NOT_FOUND ROOM_NOT_FOUND");
}

TEST_F(MayEnter, ALockKeepsNewcomersOut) {
  room_->info.locked = true;
  EXPECT_EQ(answers(guest("Bo")), "ROOM_LOCKED inside door inside");
}

TEST_F(MayEnter, ALobbyIsPassedByTheHostsWordAlone) {
  room_->info.lobby = true;
  EXPECT_EQ(answers(guest("Bo")), "door inside door inside");
}

TEST_F(MayEnter, ARemovalIsPassedByNoWay) {
  for (const Identity& who : {account("bo"), guest("Bo")}) {
    room_->removed = {who.ban_key()};
    EXPECT_EQ(answers(who), "door door door door");
  }
  EXPECT_EQ(answers(account("eve")), "inside inside inside inside");
}

TEST_F(MayEnter, AFullRoomHasNoPlaceButForWhoHadOne) {
  come("a", account("a"));
  come("b", account("b"));
  EXPECT_EQ(answers(account("bo")), "ROOM_FULL ROOM_FULL ROOM_FULL inside");
}

TEST_F(MayEnter, WithoutGuestsNoGuestComesAnew) {
  room_->info.guests = false;
  EXPECT_EQ(answers(guest("Bo")), "FORBIDDEN FORBIDDEN FORBIDDEN inside");
  EXPECT_EQ(answers(account("bo")), "inside inside inside inside");
}

TEST_F(MayEnter, WhoWasDeniedMayKnockAgainAfterAWhile) {
  room_->info.lobby = true;
  room_->denied_until[guest("Bo").ban_key()] = kNow + 1ms;
  EXPECT_EQ(answer(guest("Bo"), WayIn::Join), "LOBBY_DENIED");
  room_->denied_until[guest("Bo").ban_key()] = kNow;
  EXPECT_EQ(answer(guest("Bo"), WayIn::Join), "door");
}

TEST_F(MayEnter, ADoorHasFiftyPlaces) {
  room_->info.lobby = true;
  for (std::size_t i = 0; i < kWaitingMax; ++i) {
    const PeerId peer = "w" + std::to_string(i);
    calls_.connect(peer, guest("W " + std::to_string(i)));
    calls_.wait(*room_, peer, kNow);
  }
  EXPECT_EQ(answer(guest("Bo"), WayIn::Join), "ROOM_FULL");
  EXPECT_EQ(answer(guest("W 1"), WayIn::Admission), "inside");
}

TEST_F(MayEnter, NoGuestBearsTheNameOfTheHostOrOfAMember) {
  come("m", account("marie"));
  come("g", guest("Gus"));
  for (const char* name : {"hope", "HOPE", "H0pe", "hоре" /* Cyrillic o, er, ie */, "marie",
                           "rnarie", "Mar1e", "m a r i e"}) {
    EXPECT_EQ(answer(guest(name), WayIn::Join), "VALIDATION_ERROR") << name;
  }
  const auto refused = may_enter(calls_, {*room_, guest("Hope"), WayIn::Join, kNow});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().details.at(0).field, "guestName");
  room_->members.clear();
  EXPECT_EQ(answer(guest("Gus"), WayIn::Join), "inside") << "guests may share a name";
  EXPECT_EQ(answer(guest("Hopes"), WayIn::Join), "inside");
  EXPECT_EQ(answer(account("HOPE"), WayIn::Join), "inside") << "accounts have their own rules";
}

TEST_F(MayEnter, NoGuestHasANameThatCannotBeSeen) {
  for (const char* name :
       {"A\u202Eda", "A\u200Bda", "\u2066Ada", "A\u0301\u0301\u0301\u0301\u0301"}) {
    EXPECT_EQ(answer(guest(name), WayIn::Join), "VALIDATION_ERROR") << name;
  }
}

}  // namespace
}  // namespace server::call
