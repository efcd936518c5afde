#include "call/room_state.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "recording_audience.hpp"

namespace server::call {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr Instant kThen = Instant::at(100s);
constexpr Instant kNow = Instant::at(7s);  // of another server's clock

Identity account(std::string id) {
  return {.user_id = id, .guest_id = {}, .name = "name " + id, .sid = "s", .address = "::1"};
}
Identity guest(std::string name) {
  return {.user_id = {}, .guest_id = "g" + name, .name = name, .sid = {}, .address = "::1"};
}
room::Room info(std::string id) {
  room::Room made;
  made.id = std::move(id);
  made.host_id = "ada";
  return made;
}

// A room with somebody in every place, as it is at its old home.
class OldHome {
 public:
  OldHome() {
    const auto room = calls.open(info("r"));
    come("bo", guest("Bo"));
    calls.enter(*room, "bo");
    come("ada", account("ada"));
    calls.enter(*room, "ada");
    come("held", guest("Held"));
    calls.enter(*room, "held");
    calls.find("held")->away_since = kThen + -30s;
    calls.hold("held");
    come("cy", guest("Cy"));
    calls.wait(*room, "cy", kThen + -60s);
    calls.find("bo")->state = {.audio = true, .video = false, .screen = false, .hand_raised = true};
    calls.find("bo")->away_since = kThen + -3s;
    room->denied_until["guest ::1 Di"] = kThen + 20s;
    room->denied_until["guest ::1 Ed"] = kThen;  // over
    room->removed.insert("user eve");
    EXPECT_TRUE(calls.choose_mode(*room, Mode::Sfu));
    audience.clear();
  }
  void come(const PeerId& peer, Identity who) { calls.connect(peer, std::move(who)); }

  RecordingAudience audience;
  Calls calls{audience, {}};
};

std::string whole() { return to_text(OldHome().calls.save("r", kThen)); }

// The document with one member changed.
std::string changed(std::string_view name, json::value value) {
  json::object made = json::parse(whole()).as_object();
  made[name] = std::move(value);
  return json::serialize(made);
}
// … with one member of its first person changed.
std::string changed_person(std::string_view name, json::value value) {
  json::object made = json::parse(whole()).as_object();
  made.at("people").as_array()[0].as_object()[name] = std::move(value);
  return json::serialize(made);
}

RoomStateError error_of(std::string_view text) {
  const auto state = room_state_from_text(text);
  EXPECT_FALSE(state) << text.substr(0, 200);
  return state ? RoomStateError{} : state.error();
}

class NewHome : public testing::Test {
 protected:
  void arrive(std::set<PeerId> absent = {}) {
    calls.restore(info("r"), room_state_from_text(whole()).value(), std::move(absent), kNow);
  }
  RecordingAudience audience;
  Calls calls{audience, {}};
};

TEST_F(NewHome, HasEveryoneInTheirPlaces) {
  arrive();
  const auto room = calls.find_room("r");
  ASSERT_NE(room, nullptr);
  EXPECT_EQ(room->members, (std::vector<PeerId>{"bo", "ada"}));
  EXPECT_EQ(room->waiting, std::vector<PeerId>{"cy"});
  EXPECT_EQ(room->removed, std::set<std::string>{"user eve"});
  EXPECT_EQ(room->denied_until, (std::map<std::string, Instant>{{"guest ::1 Di", kNow + 20s}}));
  EXPECT_EQ(room->mode.mode(), Mode::Sfu);
  EXPECT_TRUE(room->mode.is_kept());
  EXPECT_FALSE(room->mode.has_failed());
  const Connection& bo = *calls.find("bo");
  EXPECT_TRUE(bo.state.audio);
  EXPECT_TRUE(bo.state.hand_raised);
  EXPECT_FALSE(bo.state.video);
  EXPECT_EQ(bo.who->guest_id, "gBo");
  EXPECT_EQ(bo.away_since, kNow + -3s);
  EXPECT_FALSE(bo.is_host);
  EXPECT_TRUE(calls.find("ada")->is_host);
  EXPECT_EQ(calls.find("ada")->who->user_id, "ada");
  EXPECT_FALSE(calls.find("ada")->away_since);
  EXPECT_EQ(calls.find("cy")->waiting_since, kNow + -60s);
  EXPECT_EQ(calls.find("held")->place, Place::Held);
  EXPECT_EQ(calls.find("held")->room_id, "r");
  EXPECT_EQ(calls.find("held")->away_since, kNow + -30s);
  EXPECT_TRUE(audience.told.empty()) << "nobody notices";
}

TEST_F(NewHome, TellsWhoHasLeftOnTheWay) {
  calls.connect("cy", guest("Cy"));
  calls.enter(*calls.open(info("q")), "cy");
  arrive({"bo"});
  EXPECT_EQ(calls.find("bo"), nullptr);
  EXPECT_EQ(calls.find_room("r")->members, std::vector<PeerId>{"ada"});
  EXPECT_TRUE(calls.find_room("r")->waiting.empty());
  EXPECT_EQ(calls.find("cy")->room_id, "q");
  const auto left = audience.heard<PeerLeft>("room r but ");
  ASSERT_FALSE(left.empty());
  EXPECT_EQ(left[0].peer, "bo");
}

TEST_F(NewHome, OpensNoRoomForThoseAloneWhoMayComeBack) {
  calls.connect("held", guest("Held"));
  calls.enter(*calls.open(info("r")), "held");
  calls.hold("held");
  EXPECT_EQ(calls.room_count(), 0U);
  EXPECT_EQ(calls.room_ids_to_move(), std::set<std::string>{"r"});
  const RoomState state = calls.save("r", kNow);
  Calls next(audience, {});
  next.restore(info("r"), state, {}, kNow);
  EXPECT_EQ(next.room_count(), 0U);
  EXPECT_EQ(next.find("held")->place, Place::Held);
}

TEST(OldHome, KeepsNothingAndSaysNothing) {
  OldHome home;
  std::vector<PeerId> without_media;
  home.calls.on_media_end([&](const PeerId& peer) { without_media.push_back(peer); });
  home.calls.forget_room("r");
  EXPECT_EQ(home.calls.room_count(), 0U);
  EXPECT_TRUE(home.calls.room_ids_to_move().empty());
  EXPECT_EQ(home.calls.find("bo")->place, Place::Nowhere);
  EXPECT_EQ(without_media.size(), 4U);
  EXPECT_TRUE(home.audience.told.empty());
}

TEST(OldHome, TellsEveryoneThatWhatTheySendHasEnded) {
  OldHome home;
  home.calls.find_room("r")->producers.push_back(
      {.id = "p", .peer = "bo", .user_id = {}, .kind = "audio", .source = "mic", .paused = false});
  home.calls.save("r", kThen);
  const auto closed = home.audience.heard<ProducerClosed>("room r but ");
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].id, "p");
}

TEST(RoomState, RefusesWhatIsNone) {
  EXPECT_EQ(error_of(""), RoomStateError::NotJson);
  EXPECT_EQ(error_of(whole().substr(1)), RoomStateError::NotJson);
  EXPECT_EQ(error_of("null"), RoomStateError::WrongShape);
  EXPECT_EQ(error_of("{}"), RoomStateError::WrongShape);
  for (const char* name :
       {"roomId", "mode", "isModeKept", "hasP2pFailed", "people", "denied", "removed"}) {
    EXPECT_EQ(error_of(changed(name, 7)), RoomStateError::WrongShape) << name;
    json::object without = json::parse(whole()).as_object();
    without.erase(name);
    EXPECT_EQ(error_of(json::serialize(without)), RoomStateError::WrongShape) << name;
  }
  for (const char* name : {"id", "who", "place", "audio", "video", "screen", "handRaised", "host",
                           "waitedMs", "awayMs"}) {
    EXPECT_EQ(error_of(changed_person(name, json::array())), RoomStateError::WrongShape) << name;
  }
  EXPECT_EQ(error_of(changed("mode", "mesh")), RoomStateError::WrongShape);
  EXPECT_EQ(error_of(changed_person("place", "nowhere")), RoomStateError::WrongShape);
  EXPECT_EQ(error_of(changed_person("id", "")), RoomStateError::WrongShape);
  EXPECT_EQ(error_of(changed_person("id", json::string(65, 'x'))), RoomStateError::WrongShape);
  EXPECT_EQ(error_of(changed_person("awayMs", -1)), RoomStateError::WrongShape);
  EXPECT_EQ(error_of(changed_person("waitedMs", 3'600'001)), RoomStateError::WrongShape);
  EXPECT_EQ(error_of(changed("denied", {{"key", 1e300}})), RoomStateError::WrongShape);
  EXPECT_EQ(error_of(changed("removed", json::array{1})), RoomStateError::WrongShape);
}

TEST(RoomState, RefusesWhatIsTooDeepOrTooLong) {
  json::value deep;
  for (int i = 0; i < 5; ++i) deep = json::array{deep};
  EXPECT_EQ(error_of(changed("more", deep)), RoomStateError::NotJson);
  EXPECT_EQ(error_of(changed("more", json::string(kRoomStateMax, 'x'))), RoomStateError::TooLong);
}

TEST(RoomState, RefusesTooMany) {
  const json::object person = json::parse(whole()).at("people").as_array()[0].as_object();
  const auto people = [&](std::size_t count, std::string_view place) {
    json::array made;
    for (std::size_t i = 0; i < count; ++i) {
      json::object one = person;
      one["id"] = "p" + std::to_string(i);
      one["place"] = place;
      made.push_back(std::move(one));
    }
    return changed("people", std::move(made));
  };
  EXPECT_TRUE(room_state_from_text(people(kRoomPeopleMax, "inside")));
  EXPECT_EQ(error_of(people(kRoomPeopleMax + 1, "inside")), RoomStateError::TooMany);
  EXPECT_TRUE(room_state_from_text(people(kWaitingMax, "waiting")));
  EXPECT_EQ(error_of(people(kWaitingMax + 1, "waiting")), RoomStateError::TooMany);
  json::object denied;
  json::array removed;
  for (std::size_t i = 0; i <= kBansMax; ++i) {
    denied[std::to_string(i)] = 1;
    removed.push_back(json::string(std::to_string(i)));
  }
  EXPECT_EQ(error_of(changed("denied", denied)), RoomStateError::TooMany);
  EXPECT_EQ(error_of(changed("removed", removed)), RoomStateError::TooMany);
}

TEST(RoomState, RefusesSomebodyTwice) {
  EXPECT_EQ(error_of(changed_person("id", "ada")), RoomStateError::SamePerson);
}

}  // namespace
}  // namespace server::call
