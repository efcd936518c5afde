#include "call/residence_events.hpp"

#include <boost/json.hpp>

#include "call/decode.hpp"
#include "call/encode.hpp"
#include "call/identity_json.hpp"
#include "call/room_state.hpp"
#include "telemetry/log.hpp"

namespace server::call {

namespace {

// Named, since a lambda that is a coroutine would outlive its captures.
net::awaitable<std::optional<std::string>> room_of(Calls& calls, CallService& call,
                                                   room::RoomService& rooms,
                                                   const gateway::ClientEvent& event) {
  if (event.name != JoinRoom::kEvent) co_return std::nullopt;
  const Connection* connection = calls.find(event.socket);
  if (connection == nullptr || !connection->who) co_return std::nullopt;
  if (!call.may_look_up(event.socket)) co_return std::nullopt;  // join() says why
  auto decoded = decode(event.name, event.args);
  if (!decoded) co_return std::nullopt;
  auto room = co_await rooms.find_by_slug(std::move(std::get<JoinRoom>(*decoded).room_code));
  if (!room) co_return std::nullopt;
  co_return std::move(room->id);
}

net::awaitable<std::optional<gateway::ArrivingRoom>> read_room(CallService& call,
                                                               room::RoomService& rooms,
                                                               std::string text) {
  auto state = room_state_from_text(text);
  if (!state) {
    log::error("a room of another server cannot be read", {{"reason", name_of(state.error())}});
    co_return std::nullopt;
  }
  auto info = co_await rooms.find_by_id(state->room_id);
  if (!info) co_return std::nullopt;
  gateway::ArrivingRoom arriving{.id = state->room_id, .people = {}, .open = {}};
  for (const RoomState::Person& person : state->people) arriving.people.push_back(person.id);
  arriving.open = [&call, info = std::move(*info), state = std::move(*state)](
                      const std::set<PeerId>& absent) { call.take_in(info, state, absent); };
  co_return arriving;
}

gateway::SavedRoom save_room(Calls& calls, const std::string& room_id, Instant now) {
  const RoomState state = calls.save(room_id, now);
  gateway::SavedRoom saved{.state = to_text(state), .people = {}};
  for (const RoomState::Person& person : state.people) saved.people.push_back(person.id);
  return saved;
}

}  // namespace

json::object public_data(Calls& calls, const PeerId& peer) {
  const Connection* connection = calls.find(peer);
  if (connection == nullptr || !connection->who) return {};
  const Identity& who = *connection->who;
  json::object made{{"userId", nullptr}, {"username", who.name}};
  if (who.user_id) made["userId"] = *who.user_id;
  return made;
}

gateway::Residence make_residence(Calls& calls, CallService& call, room::RoomService& rooms,
                                  Audience& audience, std::function<Instant()> now) {
  return {
      .room_of =
          [&calls, &call, &rooms](const gateway::ClientEvent& event) {
            return room_of(calls, call, rooms, event);
          },
      .refuse = [](const gateway::ClientEvent& event) -> std::optional<json::object> {
        const auto decoded = decode(event.name, event.args);
        if (decoded) return std::nullopt;
        return encode_error(decoded.error());
      },
      .describe = [&calls](const PeerId& peer) -> json::value {
        const Connection* connection = calls.find(peer);
        if (connection == nullptr || !connection->who) return nullptr;
        return to_json(*connection->who);
      },
      .adopt = [&calls](const PeerId& peer,
                        const json::value& who) { calls.connect(peer, to_identity(who)); },
      .returned = [&call](
                      PeerId peer,
                      json::value who) { return call.returned(std::move(peer), to_identity(who)); },
      .away_since = [&calls](const PeerId& peer) -> std::optional<Instant> {
        const Connection* connection = calls.find(peer);
        return connection == nullptr ? std::nullopt : connection->away_since;
      },
      .leave =
          [&calls](const PeerId& peer) {
            calls.stop_waiting(peer);
            calls.leave(peer, "left");
          },
      .home_lost = [&audience](const PeerId& peer) { audience.tell(peer, RoomClosed{"shutdown"}); },
      .rooms =
          [&calls] {
            const auto ids = calls.room_ids_to_move();
            return std::vector<std::string>(ids.begin(), ids.end());
          },
      .has_room =
          [&calls](const std::string& room_id) {
            return calls.room_ids_to_move().contains(room_id);
          },
      .has_media =
          [&calls](const std::string& room_id) {
            const auto room = calls.find_room(room_id);
            return room != nullptr && !room->members.empty() && room->mode.mode() == Mode::Sfu;
          },
      .save_room = [&calls,
                    now](const std::string& room_id) { return save_room(calls, room_id, now()); },
      .forget_room = [&calls](const std::string& room_id) { calls.forget_room(room_id); },
      .read_room = [&call,
                    &rooms](std::string text) { return read_room(call, rooms, std::move(text)); },
      .refresh_room = [&call](std::string room_id) { return call.refresh(std::move(room_id)); }};
}

}  // namespace server::call
