#include "call/host_service.hpp"

#include <algorithm>

#include "call/access.hpp"

namespace server::call {

namespace {

http::Result<void> require_waiting(const CallRoom& room, const PeerId& target) {
  if (std::ranges::find(room.waiting, target) == room.waiting.end()) {
    return http::fail(404, "PEER_NOT_FOUND", "nobody with this id is waiting");
  }
  return {};
}

// Inside, or away and about to come back.
bool has_place_in(const Connection& connection, const CallRoom& room) {
  return (connection.place == Place::Inside || connection.place == Place::Held) &&
         connection.room_id == room.info.id;
}

}  // namespace

http::Result<Reply> HostService::mute(const PeerId& host, const MutePeer& event) {
  auto standing = require_moderator(parts_.calls, host);
  if (!standing) return std::unexpected(std::move(standing.error()));
  auto member = require_member(parts_.calls, *standing->room, event.target);
  if (!member) return std::unexpected(std::move(member.error()));
  parts_.media.mute(*standing->room, event.target, event.kind);
  parts_.audience.tell(event.target, HostMuted{event.kind});
  return Done{};
}

net::awaitable<http::Result<Reply>> HostService::remove(PeerId host, RemovePeer event) {
  auto standing = require_moderator(parts_.calls, host);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  const auto room = standing->room;
  const Connection* target = parts_.calls.find(event.target);
  if (target == nullptr || !has_place_in(*target, *room)) {
    co_return http::fail(404, "PEER_NOT_FOUND", "nobody with this id is in the room");
  }
  const Identity who = *target->who;
  const std::string person = who.ban_key();
  if (person == standing->connection.who->ban_key()) {
    co_return http::fail(403, "FORBIDDEN", "leave the room instead");
  }
  if (room->removed.size() >= kBansMax) room->removed.erase(room->removed.begin());
  room->removed.insert(person);
  const auto theirs = parts_.calls.select([&](const Connection& connection) {
    return has_place_in(connection, *room) && connection.who->ban_key() == person;
  });
  for (const PeerId& peer : theirs) {
    parts_.audience.tell(peer, RoomClosed{"removed"});
    parts_.calls.leave(peer, "removed");
  }
  if (who.is_guest()) co_return Done{};

  // Not between another of their joins and the visit that it records.
  const auto hold = co_await room->lock.acquire();
  if (!room->removed.contains(person)) co_return Done{};  // admitted again meanwhile
  auto withdrawn = co_await parts_.rooms.withdraw_visit(room->info.id, *who.user_id);
  if (!withdrawn) co_return std::unexpected(std::move(withdrawn.error()));
  co_return Done{};
}

net::awaitable<http::Result<Reply>> HostService::admit(PeerId host, AdmitPeer event) {
  auto standing = require_moderator(parts_.calls, host);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  auto waiting = require_waiting(*standing->room, event.target);
  if (!waiting) co_return std::unexpected(std::move(waiting.error()));
  co_await parts_.call.admit(standing->room, std::move(event.target), WayIn::Admission);
  co_return Done{};
}

http::Result<Reply> HostService::deny(const PeerId& host, const DenyPeer& event, Instant now) {
  auto standing = require_moderator(parts_.calls, host);
  if (!standing) return std::unexpected(std::move(standing.error()));
  CallRoom& room = *standing->room;
  auto waiting = require_waiting(room, event.target);
  if (!waiting) return std::unexpected(std::move(waiting.error()));
  if (room.denied_until.size() >= kBansMax) room.denied_until.erase(room.denied_until.begin());
  room.denied_until[parts_.calls.find(event.target)->who->ban_key()] = now + kDenialLasts;
  parts_.call.turn_away(room.info.id, event.target,
                        {403, "LOBBY_DENIED", "the host did not let you in", {}, {}});
  return Done{};
}

net::awaitable<http::Result<Reply>> HostService::transfer(PeerId host, TransferHost event) {
  auto standing = require_host(parts_.calls, host);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  auto member = require_member(parts_.calls, *standing->room, event.target);
  if (!member) co_return std::unexpected(std::move(member.error()));
  if ((*member)->who->is_guest()) {
    co_return http::fail(403, "FORBIDDEN", "a guest cannot be the host");
  }
  auto changed = co_await parts_.rooms.set_host(standing->room->info.id, *(*member)->who->user_id);
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Done{};
}

http::Result<Reply> HostService::end(const PeerId& host) {
  auto standing = require_host(parts_.calls, host);
  if (!standing) return std::unexpected(std::move(standing.error()));
  parts_.calls.close(*standing->room, "ended");
  return Done{};
}

http::Result<Reply> HostService::choose_mode(const PeerId& host, const ChooseMode& event) {
  auto standing = require_host(parts_.calls, host);
  if (!standing) return std::unexpected(std::move(standing.error()));
  const Mode mode = event.mode == "sfu" ? Mode::Sfu : Mode::P2p;
  auto chosen = parts_.calls.choose_mode(*standing->room, mode);
  if (!chosen) return std::unexpected(std::move(chosen.error()));
  return Done{};
}

}  // namespace server::call
