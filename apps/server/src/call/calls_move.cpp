// Rooms that move to another server, and come from one: the part of Calls about that.
#include <utility>

#include "call/calls.hpp"
#include "call/room_state.hpp"

namespace server::call {

std::set<std::string> Calls::room_ids_to_move() const {
  std::set<std::string> ids;
  for (const auto& [room_id, room] : rooms_) ids.insert(room_id);
  // Who is away for long may be the last that a room has.
  for (const auto& [peer, connection] : connections_) {
    if (connection.place == Place::Held) ids.insert(connection.room_id);
  }
  return ids;
}

RoomState Calls::save(const std::string& room_id, Instant now) {
  RoomState state{.room_id = room_id, .mode = {}, .people = {}, .denied = {}, .removed = {}};
  const auto keep = [&](const PeerId& peer) {
    const Connection& one = connections_.at(peer);
    RoomState::Person person{.id = peer,
                             .who = *one.who,
                             .place = one.place,
                             .state = one.state,
                             .is_host = one.is_host,
                             .waited = Duration{0},
                             .away = {}};
    if (one.place == Place::Waiting) person.waited = now - one.waiting_since;
    if (one.away_since) person.away = now - *one.away_since;
    state.people.push_back(std::move(person));
  };
  if (const auto room = find_room(room_id)) {
    // To whom they belong, too: their pages begin anew at once, where the room lives then.
    for (const ProducerView& producer : std::exchange(room->producers, {})) {
      audience_.tell_room(room_id, ProducerClosed{producer.id}, {});
    }
    for (const PeerId& peer : room->members) keep(peer);
    for (const PeerId& peer : room->waiting) keep(peer);
    state.mode = room->mode;
    state.removed = room->removed;
    for (const auto& [key, until] : room->denied_until) {
      if (until > now) state.denied.emplace(key, until - now);
    }
  }
  const auto held = select([&](const Connection& connection) {
    return connection.place == Place::Held && connection.room_id == room_id;
  });
  for (const PeerId& peer : held) keep(peer);
  return state;
}

void Calls::forget_room(const std::string& room_id) {
  for (auto& [peer, connection] : connections_) {
    if (connection.place == Place::Nowhere || connection.room_id != room_id) continue;
    if (media_end_) media_end_(peer);
    reset(connection);
  }
  rooms_.erase(room_id);
}

void Calls::restore(const room::Room& info, RoomState state, std::set<PeerId> absent, Instant now) {
  const auto room = open(info);
  room->mode = state.mode;
  room->removed = std::move(state.removed);
  for (const auto& [key, left] : state.denied) room->denied_until[key] = now + left;
  for (RoomState::Person& person : state.people) {
    const Connection* before = find(person.id);
    // In another room, which the old home has not heard of yet.
    if (before != nullptr && before->place != Place::Nowhere) absent.insert(person.id);
    if (absent.contains(person.id)) continue;
    Connection& connection = connections_[person.id];
    connection = {.who = std::move(person.who),
                  .place = person.place,
                  .room_id = info.id,
                  .state = person.state,
                  .is_host = person.is_host,
                  .waiting_since = now + -person.waited,
                  .away_since = {}};
    if (person.away) connection.away_since = now + -*person.away;
    if (person.place == Place::Inside) room->members.push_back(person.id);
    if (person.place == Place::Waiting) room->waiting.push_back(person.id);
    if (person.place != Place::Waiting) audience_.enter(person.id, info.id);
  }
  for (const PeerId& peer : absent) audience_.tell_room(info.id, PeerLeft{peer, "left"}, {});
  refresh_hosts(*room);
  drop_if_unused(info.id);
}

}  // namespace server::call
