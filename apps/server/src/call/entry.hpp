// Who may come into a room, by whatever way: the one place that decides.
#pragma once

#include <cstdint>

#include "call/calls.hpp"
#include "http/api_error.hpp"

namespace server::call {

enum class WayIn : std::uint8_t {
  Join,       // from outside, by the room's code
  Admission,  // from the lobby, by the host's word
  LobbyOff,   // from the lobby, which the host has switched off
  Return,     // back from a lost connection, which had a place inside
  Stay,       // asked to join where it is already
};

// Where somebody on that way has a place just before.
Place place_before(WayIn way);

struct EntryQuestion {
  const CallRoom& room;
  const Identity& who;
  WayIn way = WayIn::Join;
  Instant now;
};

enum class Entry : std::uint8_t {
  Inside,
  Door,  // must be let in by the host: waits in the lobby; who returns must knock first
};

// The answer holds until the next await. Callers ask again after each one, and last directly before
// the change. Errors: ROOM_NOT_FOUND (deleted meanwhile), FORBIDDEN (no guests here), ROOM_LOCKED,
// VALIDATION_ERROR (guestName: must not be shown, see checked_display_name(), or looks like the
// name of the host or of a member with an account), LOBBY_DENIED, ROOM_FULL.
http::Result<Entry> may_enter(const Calls& calls, const EntryQuestion& question);

}  // namespace server::call
