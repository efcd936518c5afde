#include "call/room_state.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <stdexcept>
#include <utility>

#include "call/identity_json.hpp"

namespace server::call {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::size_t kDepthMax = 4;  // the document, people, one of them, who that is
constexpr std::size_t kPeerIdMax = 64;
constexpr std::int64_t kSpanMax = milliseconds(std::chrono::hours{1}).count();

std::int64_t to_json(Duration span) {
  return std::chrono::duration_cast<milliseconds>(span).count();
}

std::string_view name_of(Place place) {
  if (place == Place::Waiting) return "waiting";
  return place == Place::Held ? "held" : "inside";
}

json::object to_json(const RoomState::Person& person) {
  json::object made{{"id", person.id},
                    {"who", to_json(person.who)},
                    {"place", name_of(person.place)},
                    {"audio", person.state.audio},
                    {"video", person.state.video},
                    {"screen", person.state.screen},
                    {"handRaised", person.state.hand_raised},
                    {"host", person.is_host},
                    {"waitedMs", to_json(person.waited)}};
  if (person.away) made["awayMs"] = to_json(*person.away);
  return made;
}

// All below throw at what is not as it should be.

Duration span_of(const json::value& value) {
  const std::int64_t span = value.to_number<std::int64_t>();
  if (span < 0 || span > kSpanMax) throw std::out_of_range("span");
  return milliseconds(span);
}

Place place_of(std::string_view name) {
  for (const Place place : {Place::Inside, Place::Waiting, Place::Held}) {
    if (name == name_of(place)) return place;
  }
  throw std::out_of_range("place");
}

CallMode mode_of(const json::object& from) {
  const json::string& name = from.at("mode").as_string();
  if (name != name_of(Mode::P2p) && name != name_of(Mode::Sfu)) throw std::out_of_range("mode");
  return CallMode(name == name_of(Mode::Sfu) ? Mode::Sfu : Mode::P2p,
                  from.at("isModeKept").as_bool(), from.at("hasP2pFailed").as_bool());
}

RoomState::Person person_of(const json::object& from) {
  RoomState::Person person{.id = PeerId(from.at("id").as_string()),
                           .who = to_identity(from.at("who")),
                           .place = place_of(from.at("place").as_string()),
                           .state = {.audio = from.at("audio").as_bool(),
                                     .video = from.at("video").as_bool(),
                                     .screen = from.at("screen").as_bool(),
                                     .hand_raised = from.at("handRaised").as_bool()},
                           .is_host = from.at("host").as_bool(),
                           .waited = span_of(from.at("waitedMs")),
                           .away = {}};
  if (person.id.empty() || person.id.size() > kPeerIdMax) throw std::out_of_range("id");
  if (from.contains("awayMs")) person.away = span_of(from.at("awayMs"));
  return person;
}

bool has_too_many(const json::object& from) {
  const json::array& people = from.at("people").as_array();
  const auto waiting = std::ranges::count_if(people, [](const json::value& person) {
    return person.as_object().at("place").as_string() == name_of(Place::Waiting);
  });
  return people.size() > kRoomPeopleMax || static_cast<std::size_t>(waiting) > kWaitingMax ||
         from.at("denied").as_object().size() > kBansMax ||
         from.at("removed").as_array().size() > kBansMax;
}

std::expected<RoomState, RoomStateError> state_of(const json::object& from) {
  if (has_too_many(from)) return std::unexpected(RoomStateError::TooMany);
  RoomState state{.room_id = std::string(from.at("roomId").as_string()),
                  .mode = mode_of(from),
                  .people = {},
                  .denied = {},
                  .removed = {}};
  std::set<PeerId> ids;
  for (const json::value& one : from.at("people").as_array()) {
    const auto& person = state.people.emplace_back(person_of(one.as_object()));
    if (!ids.insert(person.id).second) return std::unexpected(RoomStateError::SamePerson);
  }
  for (const auto& [key, left] : from.at("denied").as_object()) {
    state.denied.emplace(key, span_of(left));
  }
  for (const json::value& key : from.at("removed").as_array()) {
    state.removed.emplace(key.as_string());
  }
  return state;
}

}  // namespace

std::string_view name_of(RoomStateError error) {
  switch (error) {
    case RoomStateError::TooLong:
      return "too long";
    case RoomStateError::NotJson:
      return "not JSON";
    case RoomStateError::WrongShape:
      return "wrong shape";
    case RoomStateError::TooMany:
      return "too many";
    case RoomStateError::SamePerson:
      return "same person twice";
  }
  return "unknown";
}

std::string to_text(const RoomState& state) {
  json::array people;
  for (const RoomState::Person& person : state.people) people.push_back(to_json(person));
  json::object denied;
  for (const auto& [key, left] : state.denied) denied[key] = to_json(left);
  return json::serialize(
      json::object{{"roomId", state.room_id},
                   {"mode", name_of(state.mode.mode())},
                   {"isModeKept", state.mode.is_kept()},
                   {"hasP2pFailed", state.mode.has_failed()},
                   {"people", std::move(people)},
                   {"denied", std::move(denied)},
                   {"removed", json::array(state.removed.begin(), state.removed.end())}});
}

std::expected<RoomState, RoomStateError> room_state_from_text(std::string_view text) {
  if (text.size() > kRoomStateMax) return std::unexpected(RoomStateError::TooLong);
  boost::system::error_code wrong;
  json::parse_options options;
  options.max_depth = kDepthMax;
  const json::value parsed = json::parse(text, wrong, {}, options);
  if (wrong) return std::unexpected(RoomStateError::NotJson);
  try {
    return state_of(parsed.as_object());
  } catch (const std::exception&) {
    return std::unexpected(RoomStateError::WrongShape);
  }
}

}  // namespace server::call
