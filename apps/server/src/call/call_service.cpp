#include "call/call_service.hpp"

#include <algorithm>
#include <limits>

#include "call/access.hpp"
#include "call/room_state.hpp"

namespace server::call {

namespace {

constexpr int kMessagesAtJoin = 50;
constexpr std::size_t kOctetsAtJoin = std::numeric_limits<std::size_t>::max();  // pages count them

bool is_host_of(const CallRoom& room, const Identity& who) {
  return who.user_id == room.info.host_id;
}

bool must_wait(const CallRoom& room, const Identity& who) {
  return !is_host_of(room, who) && (room.info.lobby || room.removed.contains(who.ban_key()));
}

// In the room or at its door.
std::vector<PeerId> everyone(const CallRoom& room) {
  std::vector<PeerId> people = room.members;
  people.insert(people.end(), room.waiting.begin(), room.waiting.end());
  return people;
}

http::Result<Reply> full() { return http::fail(409, "ROOM_FULL", "the room is full"); }

}  // namespace

void CallService::away(const PeerId& peer) {
  Connection* connection = parts_.calls.find(peer);
  // Its server may stop while it is away.
  if (connection != nullptr && !connection->away_since) connection->away_since = parts_.now();
}

net::awaitable<bool> CallService::returned(PeerId peer, std::optional<Identity> who) {
  Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr || !connection->who || !who) co_return false;
  const bool is_same = connection->who->user_id == who->user_id &&
                       connection->who->sid == who->sid &&
                       (who->user_id || connection->who->name == who->name);
  if (!is_same) co_return false;
  connection->away_since.reset();
  if (connection->place != Place::Held) co_return true;

  const std::string room_id = connection->room_id;
  auto room = parts_.calls.find_room(room_id);
  if (room == nullptr) {
    auto info = co_await parts_.rooms.find_by_id(room_id);
    if (info) room = parts_.calls.open(*info);
  }
  if (room == nullptr) {
    parts_.calls.leave(peer, "left");
    parts_.audience.tell(peer, RoomClosed{"deleted"});
    co_return true;
  }
  auto entered = co_await enter(room, peer, Place::Held);
  if (entered) {
    parts_.audience.tell(peer, std::get<RoomJoined>(std::move(*entered)));
  } else {
    parts_.calls.leave(peer, "left");
    parts_.audience.tell(peer, Failure{entered.error(), "join:room"});
  }
  co_return true;
}

net::awaitable<http::Result<Reply>> CallService::join(PeerId peer, std::string room_code) {
  if (auto known = require_identity(parts_.calls, peer); !known) {
    co_return std::unexpected(known.error());
  }
  auto info = co_await parts_.rooms.find_by_slug(std::move(room_code));
  if (!info) co_return std::unexpected(info.error());
  Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr) co_return http::fail(401, "UNAUTHORIZED", "the connection is gone");
  const Identity who = *connection->who;

  const auto room = parts_.calls.open(*info);
  const Entering entering(*room);
  const bool is_inside = connection->place == Place::Inside && connection->room_id == info->id;
  if (!is_inside) {
    parts_.calls.stop_waiting(peer);
    parts_.calls.leave(peer, "left");
    if (who.is_guest() && !room->info.guests) {
      co_return http::fail(403, "FORBIDDEN", "this room is not open to guests");
    }
    if (room->info.locked && !is_host_of(*room, who)) {
      co_return http::fail(403, "ROOM_LOCKED", "the host has locked the room");
    }
    if (must_wait(*room, who)) co_return knock(*room, peer);
  }
  co_return co_await enter(room, peer, is_inside ? Place::Inside : Place::Nowhere);
}

http::Result<Reply> CallService::knock(CallRoom& room, const PeerId& peer) {
  const Instant now = parts_.now();
  const Connection& connection = *parts_.calls.find(peer);
  const auto denied = room.denied_until.find(connection.who->ban_key());
  if (denied != room.denied_until.end() && denied->second > now) {
    return http::fail(403, "LOBBY_DENIED", "the host did not let you in; try again in a minute");
  }
  if (room.waiting.size() >= kWaitingMax) return full();
  parts_.calls.wait(room, peer, now);
  return LobbyWaiting{peer};
}

// Under the room's lock, so that no message falls between the history that is read here and the
// live ones, and none comes twice.
net::awaitable<http::Result<Reply>> CallService::enter(std::shared_ptr<CallRoom> room, PeerId peer,
                                                       Place from) {
  const Entering entering(*room);
  const auto hold = co_await room->lock.acquire();
  const Connection* before = parts_.calls.find(peer);
  if (before == nullptr) co_return http::fail(401, "UNAUTHORIZED", "the connection is gone");
  const Identity who = *before->who;
  std::string username = who.name;
  if (who.user_id) {
    auto user = co_await parts_.users.find(*who.user_id);
    if (!user) co_return http::fail(401, "UNAUTHORIZED", "the account is gone");
    username = std::move(user->username);
    auto visit = co_await parts_.rooms.record_visit(room->info.id, *who.user_id);
    if (!visit) co_return std::unexpected(visit.error());
  }
  auto page =
      co_await parts_.chat.history(room->info.id, std::nullopt, kMessagesAtJoin, kOctetsAtJoin);
  if (!page) co_return std::unexpected(page.error());

  // From here to the end nothing is awaited: what is checked stays true.
  Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr) co_return http::fail(401, "UNAUTHORIZED", "the connection is gone");
  if (room->is_deleted) {
    co_return http::fail(404, "ROOM_NOT_FOUND", "the room has been deleted");
  }
  if (connection->place != from) co_return http::fail(409, "NOT_IN_ROOM", "the join was cancelled");
  connection->who->name = std::move(username);
  const bool capacity_applies = from == Place::Nowhere || from == Place::Waiting;
  if (capacity_applies && parts_.calls.is_full(*room) && !is_host_of(*room, who)) co_return full();
  if (from == Place::Waiting) parts_.calls.stop_waiting(peer);
  if (from != Place::Inside) parts_.calls.enter(*room, peer);
  co_return RoomJoined{.self = peer,
                       .who = *connection->who,
                       .room = room->info,
                       .peers = parts_.calls.others(*room, peer),
                       .messages = std::move(page->messages),
                       .mode = room->mode.mode(),
                       .router_rtp_capabilities = parts_.sfu.router_rtp_capabilities()};
}

http::Result<Reply> CallService::leave(const PeerId& peer) {
  auto connection = require_identity(parts_.calls, peer);
  if (!connection) return std::unexpected(std::move(connection.error()));
  if ((*connection)->place == Place::Nowhere) {
    return http::fail(409, "NOT_IN_ROOM", "join a room first");
  }
  parts_.calls.stop_waiting(peer);
  parts_.calls.leave(peer, "left");
  return Done{};
}

net::awaitable<void> CallService::admit(std::shared_ptr<CallRoom> room, PeerId peer) {
  auto entered = co_await enter(std::move(room), peer, Place::Waiting);
  if (entered) {
    parts_.audience.tell(peer, std::get<RoomJoined>(std::move(*entered)));
  } else {
    turn_away(peer, entered.error().code, entered.error().message);
  }
}

void CallService::turn_away(const PeerId& peer, std::string_view code, std::string message) {
  Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr || connection->place != Place::Waiting) return;
  parts_.calls.stop_waiting(peer);
  parts_.audience.tell(peer, Failure{{403, code, std::move(message), {}, {}}, "join:room"});
}

void CallService::on(const cluster::LoginEnded& news) {
  const auto ended = parts_.calls.select([&](const Connection& connection) {
    if (!connection.who || connection.who->user_id != news.user_id) return false;
    const std::string& sid = connection.who->sid;
    return news.sid ? sid == *news.sid : sid != news.except_sid;
  });
  for (const PeerId& peer : ended) {
    parts_.audience.tell(peer, Failure{{401, "UNAUTHORIZED", "this login has ended", {}, {}}, {}});
    parts_.audience.disconnect(peer);
    parts_.calls.disconnect(peer, "disconnected");
  }
}

void CallService::on(const cluster::UserRenamed& news) {
  const auto renamed = parts_.calls.select([&](const Connection& connection) {
    return connection.who && connection.who->user_id == news.user_id;
  });
  for (const PeerId& peer : renamed) {
    Connection& connection = *parts_.calls.find(peer);
    connection.who->name = news.username;
    if (connection.place != Place::Inside) continue;
    parts_.audience.tell_room(
        connection.room_id, PeerUpdated{peer, connection.state, parts_.calls.view(peer).user}, {});
  }
}

void CallService::on(const cluster::RoomDeleted& news) {
  const auto room = parts_.calls.find_room(news.room_id);
  if (room == nullptr) return;
  const std::vector<PeerId> waiting = room->waiting;
  for (const PeerId& peer : waiting) turn_away(peer, "ROOM_NOT_FOUND", "the room has been deleted");
  room->is_deleted = true;
  room->removed.clear();
  room->denied_until.clear();
  parts_.calls.close(*room, "deleted");
}

void CallService::move_out(CallRoom& room) {
  for (const PeerId& peer : everyone(room)) {
    parts_.audience.tell(peer, RoomClosed{"shutdown"});
    parts_.audience.drop(peer);
  }
  room.removed.clear();
  room.denied_until.clear();
}

void CallService::take_in(const room::Room& info, RoomState state, const std::set<PeerId>& absent) {
  if (const auto room = parts_.calls.find_room(info.id)) {
    const std::vector<PeerId> people = everyone(*room);
    move_out(*room);
    for (const PeerId& peer : people) parts_.calls.disconnect(peer, "disconnected");
  }
  parts_.calls.restore(info, std::move(state), absent, parts_.now());
}

net::awaitable<void> CallService::refresh(std::string room_id) {
  const auto room = parts_.calls.find_room(room_id);
  if (room == nullptr) co_return;
  auto info = co_await parts_.rooms.find_by_id(std::move(room_id));
  if (!info) co_return;  // deleted meanwhile, which has its own news
  room->info = std::move(*info);
  parts_.calls.refresh_hosts(*room);
  parts_.audience.tell_room(room->info.id, RoomUpdated{room->info, room->members.size()}, {});
  if (room->info.lobby) co_return;
  const std::vector<PeerId> waiting = room->waiting;
  for (const PeerId& peer : waiting) {
    const Connection* connection = parts_.calls.find(peer);
    if (connection != nullptr && !must_wait(*room, *connection->who)) co_await admit(room, peer);
  }
}

void CallService::tick() {
  const Instant now = parts_.now();
  const auto overdue = parts_.calls.select([&](const Connection& connection) {
    return connection.away_since && now - *connection.away_since >= kAwayUnnoticed;
  });
  for (const PeerId& peer : overdue) {
    parts_.calls.stop_waiting(peer);
    if (parts_.calls.find(peer)->place == Place::Inside) parts_.calls.hold(peer);
  }
  const auto impatient = parts_.calls.select([&](const Connection& connection) {
    return connection.place == Place::Waiting && now - connection.waiting_since >= kLobbyPatience;
  });
  for (const PeerId& peer : impatient) {
    turn_away(peer, "LOBBY_TIMEOUT", "nobody answered; try again later");
  }
  parts_.calls.settle_modes(now);
  parts_.calls.forget_denials(now);
}

}  // namespace server::call
