#include "call/call_service.hpp"

#include <algorithm>

#include "call/access.hpp"
#include "call/entry.hpp"
#include "call/room_state.hpp"

namespace server::call {

namespace {

constexpr int kMessagesAtJoin = 50;

// In the room or at its door.
std::vector<PeerId> everyone(const CallRoom& room) {
  std::vector<PeerId> people = room.members;
  people.insert(people.end(), room.waiting.begin(), room.waiting.end());
  return people;
}

bool is_inside(const http::Result<Entry>& entry) { return entry && *entry == Entry::Inside; }

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
    if (!info) give_up_return(room_id, peer, info.error());
  }
  if (room == nullptr) co_return true;
  auto entered = co_await enter(room, peer, WayIn::Return);
  if (!entered) {
    give_up_return(room_id, peer, entered.error());
  } else if (auto* joined = std::get_if<RoomJoined>(&*entered)) {
    parts_.audience.tell(peer, std::move(*joined));
  } else if (is_at(peer, Place::Held, room_id)) {  // at the door again, where it has to knock
    parts_.calls.leave(peer, "removed");
    parts_.audience.tell(peer, RoomClosed{"removed"});
  }
  co_return true;
}

bool CallService::is_at(const PeerId& peer, Place place, const std::string& room_id) {
  const Connection* connection = parts_.calls.find(peer);
  return connection != nullptr && connection->place == place &&
         (place == Place::Nowhere || connection->room_id == room_id);
}

void CallService::give_up_return(const std::string& room_id, const PeerId& peer,
                                 const http::ApiError& why) {
  if (!is_at(peer, Place::Held, room_id)) return;  // it went on meanwhile, or was removed
  parts_.calls.leave(peer, "left");
  if (why.code == "ROOM_NOT_FOUND") {
    parts_.audience.tell(peer, RoomClosed{"deleted"});
  } else {
    parts_.audience.tell(peer, Failure{why, "join:room"});
  }
}

net::awaitable<http::Result<Reply>> CallService::join(PeerId peer, std::string room_code) {
  if (auto known = require_identity(parts_.calls, peer); !known) {
    co_return std::unexpected(known.error());
  }
  if (auto may = may_look_up(peer); !may) co_return std::unexpected(std::move(may.error()));
  auto info = co_await parts_.rooms.find_by_slug(std::move(room_code));
  if (!info) {
    if (info.error().status == 404) count_miss(peer);
    co_return std::unexpected(info.error());
  }
  const Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr) co_return http::fail(401, "UNAUTHORIZED", "the connection is gone");

  const auto room = parts_.calls.open(*info);
  const Entering entering(*room);
  if (is_at(peer, Place::Inside, info->id)) co_return co_await enter(room, peer, WayIn::Stay);
  parts_.calls.stop_waiting(peer);
  parts_.calls.leave(peer, "left");
  // A refusal waits for nobody, and costs no query.
  if (const auto entry = ask(*room, peer, WayIn::Join); !is_inside(entry)) {
    co_return at_the_door(*room, peer, WayIn::Join, entry);
  }
  co_return co_await enter(room, peer, WayIn::Join);
}

http::Result<void> CallService::may_look_up(const PeerId& peer) {
  const auto address = address_of(peer);
  return address ? parts_.misses.may_ask(*address) : http::Result<void>{};
}

void CallService::count_miss(const PeerId& peer) {
  if (const auto address = address_of(peer)) parts_.misses.count(*address);
}

std::optional<IpAddress> CallService::address_of(const PeerId& peer) const {
  const Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr || !connection->who) return std::nullopt;
  return IpAddress::parse(connection->who->address);
}

http::Result<Entry> CallService::ask(const CallRoom& room, const PeerId& peer, WayIn way) {
  const Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr) return http::fail(401, "UNAUTHORIZED", "the connection is gone");
  if (!is_at(peer, place_before(way), room.info.id)) {
    return http::fail(409, "NOT_IN_ROOM", "the join was cancelled");
  }
  return may_enter(parts_.calls, {room, *connection->who, way, parts_.now()});
}

http::Result<Reply> CallService::at_the_door(CallRoom& room, const PeerId& peer, WayIn way,
                                             const http::Result<Entry>& entry) {
  if (!entry) return std::unexpected(entry.error());
  if (way == WayIn::Join) parts_.calls.wait(room, peer, parts_.now());
  return LobbyWaiting{peer};
}

// Under the room's lock, so that no message falls between the history that is read here and the
// live ones, and none comes twice; and so that visits are recorded and withdrawn one by one.
// While a query runs the host may lock, remove or delete: the door is asked again after it.
net::awaitable<http::Result<Reply>> CallService::enter(std::shared_ptr<CallRoom> room, PeerId peer,
                                                       WayIn way) {
  const Entering entering(*room);
  const auto hold = co_await room->lock.acquire();
  for (;;) {
    const auto entry = ask(*room, peer, way);
    if (!is_inside(entry)) co_return at_the_door(*room, peer, way, entry);
    const Identity who = *parts_.calls.find(peer)->who;
    auto username = co_await name_of(who);
    if (!username) co_return std::unexpected(username.error());
    auto page = co_await parts_.chat.history(room->info.id, std::nullopt, kMessagesAtJoin);
    if (!page) co_return std::unexpected(page.error());
    if (!is_inside(ask(*room, peer, way))) continue;

    std::optional<room::Visit> visit;
    if (who.user_id) {
      auto recorded = co_await parts_.rooms.record_visit(room->info.id, *who.user_id);
      if (!recorded) co_return std::unexpected(recorded.error());
      visit = std::move(*recorded);
    }
    // Nothing is awaited between this check and the entry, so the answer stays true.
    if (is_inside(ask(*room, peer, way))) {
      co_return let_in(*room, peer, std::move(*username), std::move(*page));
    }
    if (!visit) continue;
    auto undone = co_await parts_.rooms.undo_visit(std::move(*visit));
    if (!undone) co_return std::unexpected(undone.error());
  }
}

net::awaitable<http::Result<std::string>> CallService::name_of(Identity who) {
  if (!who.user_id) co_return std::move(who.name);
  auto user = co_await parts_.users.find(std::move(*who.user_id));
  if (user) co_return std::move(user->username);
  if (user.error().status == 404) co_return http::fail(401, "UNAUTHORIZED", "the account is gone");
  co_return std::unexpected(std::move(user.error()));
}

RoomJoined CallService::let_in(CallRoom& room, const PeerId& peer, std::string username,
                               chat::MessagePage page) {
  Connection& connection = *parts_.calls.find(peer);
  connection.who->name = std::move(username);
  parts_.calls.stop_waiting(peer);
  if (connection.place != Place::Inside) parts_.calls.enter(room, peer);
  return {.self = peer,
          .who = *connection.who,
          .room = room.info,
          .peers = parts_.calls.others(room, peer),
          .messages = std::move(page),
          .mode = room.mode.mode(),
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

net::awaitable<void> CallService::admit(std::shared_ptr<CallRoom> room, PeerId peer, WayIn way) {
  const Connection* connection = parts_.calls.find(peer);
  if (connection == nullptr) co_return;
  // The host's word counts from now on: a removal that comes while this waits is a later word.
  if (way == WayIn::Admission) room->removed.erase(connection->who->ban_key());
  auto entered = co_await enter(room, peer, way);
  if (!entered) {
    turn_away(room->info.id, peer, std::move(entered.error()));
  } else if (auto* joined = std::get_if<RoomJoined>(&*entered)) {
    parts_.audience.tell(peer, std::move(*joined));
  }
}

void CallService::turn_away(const std::string& room_id, const PeerId& peer, http::ApiError why) {
  if (!is_at(peer, Place::Waiting, room_id)) return;
  parts_.calls.stop_waiting(peer);
  parts_.audience.tell(peer, Failure{std::move(why), "join:room"});
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
  for (const PeerId& peer : waiting) {
    turn_away(news.room_id, peer, {404, "ROOM_NOT_FOUND", "the room has been deleted", {}, {}});
  }
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
  learn(*info);
  parts_.audience.tell_room(room->info.id, RoomUpdated{room->info, room->members.size()}, {});
  if (room->info.lobby) co_return;
  const std::vector<PeerId> waiting = room->waiting;
  for (const PeerId& peer : waiting) co_await admit(room, peer, WayIn::LobbyOff);
}

void CallService::learn(const room::Room& info) {
  const auto room = parts_.calls.find_room(info.id);
  if (room == nullptr) return;
  parts_.calls.learn(info);
  parts_.calls.refresh_hosts(*room);
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
    const std::string room_id = parts_.calls.find(peer)->room_id;
    turn_away(room_id, peer, {403, "LOBBY_TIMEOUT", "nobody answered; try again later", {}, {}});
  }
  parts_.calls.settle_modes(now);
  parts_.calls.forget_denials(now);
}

}  // namespace server::call
