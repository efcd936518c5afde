// What a room is, to every slice that speaks of one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/timestamp.hpp"

namespace server::room {

struct Room {
  std::string id;
  std::string slug;  // the invite code
  std::string name;
  std::string host_id;
  std::string host_username;
  bool locked = false;  // nobody new comes in
  bool lobby = false;   // whoever comes waits for the host
  bool guests = true;   // people without an account may come in
  db::Timestamp created_at;
  db::Timestamp updated_at;
};

// What a host may change; nullopt leaves it as it is.
struct RoomChange {
  std::optional<std::string> name;
  std::optional<bool> locked;
  std::optional<bool> lobby;
  std::optional<bool> guests;
};

// One coming in, as it may have to be undone.
struct Visit {
  std::string room_id;
  std::string user_id;
  std::optional<db::Timestamp> last_entry_before;  // nullopt: the room was not on the user's list
};

struct RoomPage {
  std::vector<Room> rooms;
  std::optional<std::string> next_cursor;
};

}  // namespace server::room
