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

http::Result<Reply> HostService::remove(const PeerId& host, const RemovePeer& event) {
  auto standing = require_moderator(parts_.calls, host);
  if (!standing) return std::unexpected(std::move(standing.error()));
  auto member = require_member(parts_.calls, *standing->room, event.target);
  if (!member) return std::unexpected(std::move(member.error()));
  CallRoom& room = *standing->room;
  const std::string person = (*member)->who->ban_key();
  if (person == standing->connection.who->ban_key()) {
    return http::fail(403, "FORBIDDEN", "leave the room instead");
  }
  if (room.removed.size() >= kBansMax) room.removed.erase(room.removed.begin());
  room.removed.insert(person);
  const std::vector<PeerId> members = room.members;
  for (const PeerId& peer : members) {
    if (parts_.calls.find(peer)->who->ban_key() != person) continue;
    parts_.audience.tell(peer, RoomClosed{"removed"});
    parts_.calls.leave(peer, "removed");
  }
  return Done{};
}

net::awaitable<http::Result<Reply>> HostService::admit(PeerId host, AdmitPeer event) {
  auto standing = require_moderator(parts_.calls, host);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  auto waiting = require_waiting(*standing->room, event.target);
  if (!waiting) co_return std::unexpected(std::move(waiting.error()));
  co_await parts_.call.admit(standing->room, std::move(event.target));
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
  parts_.call.turn_away(event.target, "LOBBY_DENIED", "the host did not let you in");
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
