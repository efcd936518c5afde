#include "call/entry.hpp"

#include <algorithm>

#include "base/display_name.hpp"

namespace server::call {

namespace {

bool is_host_of(const CallRoom& room, const Identity& who) {
  return who.user_id == room.info.host_id;
}

http::Result<Entry> full() { return http::fail(409, "ROOM_FULL", "the room is full"); }

// Accounts do not choose their names for one room, guests do.
http::Result<void> check_name(const Calls& calls, const CallRoom& room, const Identity& who) {
  if (!who.is_guest()) return {};
  if (const auto name = checked_display_name(who.name, kGuestNameMax); !name) {
    return std::unexpected(http::invalid_field("guestName", std::string(reason_of(name.error()))));
  }
  const std::string look = name_skeleton(who.name);
  const auto looks_like = [&](const std::string& name) { return name_skeleton(name) == look; };
  const bool is_taken = looks_like(room.info.host_username) ||
                        std::ranges::any_of(room.members, [&](const PeerId& peer) {
                          const Identity& member = *calls.find(peer)->who;
                          return !member.is_guest() && looks_like(member.name);
                        });
  if (!is_taken) return {};
  return std::unexpected(http::invalid_field("guestName", "looks like the name of a member"));
}

http::Result<Entry> may_knock(const CallRoom& room, const Identity& who, Instant now) {
  const auto denied = room.denied_until.find(who.ban_key());
  if (denied != room.denied_until.end() && denied->second > now) {
    return http::fail(403, "LOBBY_DENIED", "the host did not let you in; try again in a minute");
  }
  if (room.waiting.size() >= kWaitingMax) return full();
  return Entry::Door;
}

http::Result<Entry> may_join(const Calls& calls, const EntryQuestion& question, bool is_removed) {
  const auto& [room, who, way, now] = question;
  if (room.info.locked) {
    return http::fail(403, "ROOM_LOCKED", "the host has locked the room");
  }
  if (auto named = check_name(calls, room, who); !named) {
    return std::unexpected(std::move(named.error()));
  }
  if (room.info.lobby || is_removed) return may_knock(room, who, now);
  if (calls.is_full(room)) return full();
  return Entry::Inside;
}

}  // namespace

Place place_before(WayIn way) {
  switch (way) {
    case WayIn::Join:
      return Place::Nowhere;
    case WayIn::Admission:
    case WayIn::LobbyOff:
      return Place::Waiting;
    case WayIn::Return:
      return Place::Held;
    case WayIn::Stay:
      return Place::Inside;
  }
  return Place::Nowhere;
}

http::Result<Entry> may_enter(const Calls& calls, const EntryQuestion& question) {
  const auto& [room, who, way, now] = question;
  if (room.is_deleted) return http::fail(404, "ROOM_NOT_FOUND", "the room has been deleted");
  if (is_host_of(room, who) || way == WayIn::Stay) return Entry::Inside;
  const bool is_removed = room.removed.contains(who.ban_key());
  // It was let in before: full, locked and the lobby are for newcomers.
  if (way == WayIn::Return) return is_removed ? Entry::Door : Entry::Inside;
  if (who.is_guest() && !room.info.guests) {
    return http::fail(403, "FORBIDDEN", "this room is not open to guests");
  }
  if (way == WayIn::Join) return may_join(calls, question, is_removed);
  // A removal after the host's word takes the word back.
  if (is_removed) return Entry::Door;
  if (way == WayIn::LobbyOff && (room.info.lobby || room.info.locked)) return Entry::Door;
  if (calls.is_full(room)) return full();
  return Entry::Inside;
}

}  // namespace server::call
