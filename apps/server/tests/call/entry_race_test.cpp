// Ways into a room, stopped between a check and the entry, while the host acts; on both databases.
#include <gmock/gmock.h>

#include "call_world.hpp"

namespace server::call {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Browser;

class EntryRace : public ::testing::TestWithParam<testing::Backend> {
 protected:
  EntryRace() : world(database.url()) {
    ada = world.accounts.registered("ada");
    bob = world.accounts.registered("bob");
    bob_id = world.accounts.get("/api/users/me", bob).text("/id");
    make_room("room");
    make_room("other");
    come("ada", account(ada), "room");
    world.audience.clear();
  }

  void make_room(const std::string& slug) {
    const Answer made = world.accounts.post("/api/rooms", {{"name", slug}, {"slug", slug}}, ada);
    room_ids[slug] = made.text("/id");
  }
  Identity account(Browser& browser) {
    const Answer me = world.accounts.get("/api/users/me", browser);
    return {.user_id = me.text("/id"),
            .guest_id = {},
            .name = me.text("/username"),
            .sid = "s",
            .address = "::1"};
  }
  static Identity guest(std::string name) {
    return {.user_id = {}, .guest_id = "g" + name, .name = name, .sid = {}, .address = "::1"};
  }
  std::string outcome(const http::Result<Reply>& reply) {
    if (!reply) return std::string(reply.error().code);
    if (std::holds_alternative<RoomJoined>(*reply)) return "inside";
    return std::holds_alternative<LobbyWaiting>(*reply) ? "door" : "done";
  }
  std::string join(const PeerId& peer, std::string slug = "room") {
    return outcome(world.run(world.call.join(peer, std::move(slug))));
  }
  void come(const PeerId& peer, Identity who, std::string slug = "room") {
    world.calls.connect(peer, std::move(who));
    ASSERT_EQ(join(peer, std::move(slug)), "inside");
  }
  std::shared_ptr<CallRoom> room(const std::string& slug = "room") {
    return world.calls.find_room(room_ids.at(slug));
  }
  void change(room::RoomChange change) {
    const std::string ada_id = *world.calls.find("ada")->who->user_id;
    ASSERT_TRUE(world.run(world.rooms.update(ada_id, "room", std::move(change))));
  }
  void lock() {  // without a query
    room::Room info = room()->info;
    info.updated_at += 1ms;
    info.locked = true;
    world.call.learn(info);
  }
  std::string remove(const PeerId& peer) {
    return outcome(world.run(world.host.remove("ada", {peer})));
  }
  unsigned history_status(const Browser& browser) {
    return world.accounts.get("/api/rooms/room/messages", browser).status;
  }
  Place place(const PeerId& peer) { return world.calls.find(peer)->place; }

  // Joins as `who` and lets `act` happen after the first check.
  template <class Act>
  std::string join_while(Identity who, Act act) {
    world.calls.connect("late", std::move(who));
    CallWorld::Gate gate(world, room()->lock);
    const auto joining = world.start(world.call.join("late", "room"));
    world.run_until([&] { return room_entering() > 0; });
    act();
    gate.open();
    return outcome(world.finish(joining));
  }
  std::size_t room_entering() {
    std::size_t sum = 0;
    for (const std::string& id : world.calls.room_ids()) sum += world.calls.find_room(id)->entering;
    return sum;
  }

  testing::EmptyDatabase database{GetParam()};
  CallWorld world;
  Browser ada;
  Browser bob;
  std::string bob_id;
  std::map<std::string, std::string> room_ids;
};

TEST_P(EntryRace, ALockThatComesBeforeTheEntryHolds) {
  EXPECT_EQ(join_while(guest("Bo"), [&] { change({.locked = true}); }), "ROOM_LOCKED");
  EXPECT_EQ(place("late"), Place::Nowhere);
}

TEST_P(EntryRace, ALobbyThatComesBeforeTheEntryHolds) {
  EXPECT_EQ(join_while(guest("Bo"), [&] { change({.lobby = true}); }), "door");
  EXPECT_EQ(place("late"), Place::Waiting);
  EXPECT_THAT(room()->waiting, ::testing::ElementsAre("late"));
}

TEST_P(EntryRace, ARemovalThatComesBeforeTheEntryHolds) {
  come("first", guest("Bo"));
  const auto act = [&] {
    // A guest's removal waits for no query and not for the gate.
    EXPECT_EQ(remove("first"), "done");
  };
  EXPECT_EQ(join_while(guest("Bo"), act), "door");
  EXPECT_EQ(place("late"), Place::Waiting);
  EXPECT_EQ(place("first"), Place::Nowhere);
}

TEST_P(EntryRace, ARoomThatIsFullBeforeTheEntryIsFull) {
  come("second", guest("Cy"));
  const auto act = [&] {
    world.calls.connect("third", guest("Di"));
    world.calls.enter(*room(), "third");
  };
  EXPECT_EQ(join_while(account(bob), act), "ROOM_FULL");
  EXPECT_EQ(history_status(bob), 403U) << "who was refused has not been there";
}

TEST_P(EntryRace, WhatComesWhileTheVisitIsRecordedUndoesIt) {
  world.calls.connect("late", account(bob));
  world.at_visit = [&] { lock(); };
  EXPECT_EQ(join("late"), "ROOM_LOCKED");
  EXPECT_EQ(place("late"), Place::Nowhere);
  EXPECT_EQ(history_status(bob), 403U);
  const auto listed = world.run(world.rooms.list(bob_id, std::nullopt, 10));
  ASSERT_TRUE(listed);
  EXPECT_TRUE(listed->rooms.empty());
}

TEST_P(EntryRace, ARemovalWhileTheVisitIsRecordedWithdrawsIt) {
  come("first", account(bob));
  ASSERT_EQ(history_status(bob), 200U);
  world.calls.connect("late", account(bob));
  std::shared_ptr<std::optional<http::Result<Reply>>> removing;
  world.at_visit = [&] { removing = world.start(world.host.remove("ada", {"first"})); };
  EXPECT_EQ(join("late"), "door");
  ASSERT_NE(removing, nullptr);
  EXPECT_EQ(outcome(world.finish(removing)), "done");
  EXPECT_EQ(history_status(bob), 403U);
}

TEST_P(EntryRace, WhoIsRefusedKeepsTheHistoryOfEarlierVisits) {
  come("first", account(bob));
  world.calls.disconnect("first", "left");
  world.calls.connect("late", account(bob));
  world.at_visit = [&] { lock(); };
  EXPECT_EQ(join("late"), "ROOM_LOCKED");
  EXPECT_EQ(history_status(bob), 200U);
}

TEST_P(EntryRace, ARemovedAccountReadsNoHistoryUntilItIsLetIn) {
  come("bob", account(bob));
  EXPECT_EQ(history_status(bob), 200U);
  EXPECT_EQ(remove("bob"), "done");
  EXPECT_EQ(history_status(bob), 403U);
  ASSERT_EQ(join("bob"), "door");
  EXPECT_EQ(history_status(bob), 403U);
  ASSERT_EQ(outcome(world.run(world.host.admit("ada", {"bob"}))), "done");
  EXPECT_EQ(place("bob"), Place::Inside);
  EXPECT_EQ(history_status(bob), 200U);
}

TEST_P(EntryRace, ARemovedPersonDoesNotReturnByALostConnection) {
  for (const Identity& who : {guest("Bo"), account(bob)}) {
    come("here", who);
    come("lost", who);
    world.call.away("lost");
    world.now = world.now + 11s;
    world.call.tick();
    ASSERT_EQ(place("lost"), Place::Held);
    EXPECT_EQ(remove("here"), "done");
    EXPECT_EQ(world.audience.heard<RoomClosed>("lost").size(), 1U);
    EXPECT_TRUE(world.run(world.call.returned("lost", who)));
    EXPECT_EQ(place("lost"), Place::Nowhere);
    EXPECT_TRUE(room()->removed.contains(who.ban_key())) << "and the removal stands";
    EXPECT_EQ(join("lost"), "door");
    world.calls.disconnect("here", "left");
    world.calls.disconnect("lost", "left");
    world.audience.clear();
  }
}

TEST_P(EntryRace, TheHostRemovesWhoIsAwayToo) {
  come("lost", guest("Bo"));
  world.call.away("lost");
  world.now = world.now + 11s;
  world.call.tick();
  EXPECT_EQ(remove("lost"), "done");
  EXPECT_TRUE(world.run(world.call.returned("lost", guest("Bo"))));
  EXPECT_EQ(place("lost"), Place::Nowhere);
}

TEST_P(EntryRace, ARemovalOvertakesAReturn) {
  come("lost", guest("Bo"));
  world.call.away("lost");
  world.now = world.now + 11s;
  world.call.tick();
  CallWorld::Gate gate(world, room()->lock);
  const auto returning = world.start(world.call.returned("lost", guest("Bo")));
  world.run_until([&] { return room_entering() > 0; });
  EXPECT_EQ(remove("lost"), "done");
  gate.open();
  EXPECT_TRUE(world.finish(returning));
  EXPECT_EQ(place("lost"), Place::Nowhere);
  EXPECT_EQ(world.audience.heard<RoomClosed>("lost").size(), 1U);
  EXPECT_TRUE(world.audience.heard<RoomJoined>("lost").empty());
}

TEST_P(EntryRace, ALockDoesNotKeepOutWhoReturns) {
  come("lost", guest("Bo"));
  world.call.away("lost");
  world.now = world.now + 11s;
  world.call.tick();
  change({.locked = true, .lobby = true});
  EXPECT_TRUE(world.run(world.call.returned("lost", guest("Bo"))));
  EXPECT_EQ(place("lost"), Place::Inside);
}

TEST_P(EntryRace, WhoKnocksElsewhereMeanwhileIsNotAdmittedHere) {
  change({.lobby = true});
  come("ada2", account(ada), "other");
  room("other")->info.lobby = true;
  world.calls.connect("bo", guest("Bo"));
  ASSERT_EQ(join("bo"), "door");
  CallWorld::Gate gate(world, room()->lock);
  const auto admitting = world.start(world.host.admit("ada", {"bo"}));
  world.run_until([&] { return room_entering() > 0; });
  world.calls.stop_waiting("bo");
  world.calls.wait(*room("other"), "bo", world.now);
  gate.open();
  world.finish(admitting);
  EXPECT_EQ(place("bo"), Place::Waiting);
  EXPECT_EQ(world.calls.find("bo")->room_id, room("other")->info.id);
  EXPECT_TRUE(room()->waiting.empty());
  EXPECT_TRUE(world.audience.heard<Failure>("bo").empty()) << "nor turned away there";
}

TEST_P(EntryRace, ARemovalAfterTheHostsWordTakesItBack) {
  change({.lobby = true});
  world.calls.connect("second", guest("Bo"));
  ASSERT_EQ(join("second"), "door");
  world.calls.connect("first", guest("Bo"));
  world.calls.enter(*room(), "first");
  CallWorld::Gate gate(world, room()->lock);
  const auto admitting = world.start(world.host.admit("ada", {"second"}));
  world.run_until([&] { return room_entering() > 0; });
  EXPECT_EQ(remove("first"), "done");
  gate.open();
  world.finish(admitting);
  EXPECT_EQ(place("second"), Place::Waiting);
}

TEST_P(EntryRace, WhatARemovedPersonSaidLastIsNotStored) {
  come("bo", guest("Bo"));
  CallWorld::Gate gate(world, room()->lock);
  const auto sending = world.start(world.peers.send_chat("bo", {"late words", "c"}));
  EXPECT_EQ(remove("bo"), "done");
  gate.open();
  EXPECT_EQ(outcome(world.finish(sending)), "NOT_IN_ROOM");
  EXPECT_TRUE(world.audience.heard<ChatMessage>("room " + room_ids["room"] + " but ").empty());
  const Answer history = world.accounts.get("/api/rooms/room/messages", ada);
  EXPECT_TRUE(history.body.at("messages").as_array().empty());
}

INSTANTIATE_ON_BOTH_DATABASES(EntryRace);

}  // namespace
}  // namespace server::call
