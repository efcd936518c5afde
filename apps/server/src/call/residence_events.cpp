#include "call/residence_events.hpp"

#include <boost/json.hpp>

#include "call/decode.hpp"

namespace server::call {

namespace {

json::value to_json(const Identity& who) {
  json::object made{
      {"guestId", who.guest_id}, {"name", who.name}, {"sid", who.sid}, {"address", who.address}};
  if (who.user_id) made["userId"] = *who.user_id;
  return made;
}

Identity to_identity(const json::value& value) {
  const json::object& from = value.as_object();
  const auto text = [&](std::string_view name) { return std::string(from.at(name).as_string()); };
  Identity who{std::nullopt, text("guestId"), text("name"), text("sid"), text("address")};
  if (from.contains("userId")) who.user_id = text("userId");
  return who;
}

// Named, since a lambda that is a coroutine would outlive its captures.
net::awaitable<std::optional<std::string>> room_of(Calls& calls, room::RoomService& rooms,
                                                   const gateway::ClientEvent& event) {
  if (event.name != JoinRoom::kEvent) co_return std::nullopt;
  const Connection* connection = calls.find(event.socket);
  if (connection == nullptr || !connection->who) co_return std::nullopt;
  auto decoded = decode(event.name, event.args);
  if (!decoded) co_return std::nullopt;
  auto room = co_await rooms.find_by_slug(std::move(std::get<JoinRoom>(*decoded).room_code));
  if (!room) co_return std::nullopt;
  co_return std::move(room->id);
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
                                  Audience& audience) {
  return {
      .room_of = [&calls, &rooms](
                     const gateway::ClientEvent& event) { return room_of(calls, rooms, event); },
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
      .leave =
          [&calls](const PeerId& peer) {
            calls.stop_waiting(peer);
            calls.leave(peer, "left");
          },
      .home_lost =
          [&audience](const PeerId& peer) { audience.tell(peer, RoomClosed{"shutdown"}); }};
}

}  // namespace server::call
