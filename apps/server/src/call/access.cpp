#include "call/access.hpp"

#include <algorithm>

namespace server::call {

http::Result<Connection*> require_identity(Calls& calls, const PeerId& peer) {
  Connection* connection = calls.find(peer);
  if (connection == nullptr || !connection->who) {
    return http::fail(401, "UNAUTHORIZED", "log in or give a guest name first");
  }
  return connection;
}

http::Result<Standing> require_inside(Calls& calls, const PeerId& peer) {
  auto connection = require_identity(calls, peer);
  if (!connection) return std::unexpected(std::move(connection.error()));
  auto room =
      (*connection)->place == Place::Inside ? calls.find_room((*connection)->room_id) : nullptr;
  if (room == nullptr) return http::fail(409, "NOT_IN_ROOM", "join a room first");
  return Standing{**connection, std::move(room)};
}

http::Result<Standing> require_moderator(Calls& calls, const PeerId& peer) {
  auto standing = require_inside(calls, peer);
  if (standing && !standing->connection.is_host) {
    return http::fail(403, "FORBIDDEN", "only the host may do this");
  }
  return standing;
}

http::Result<Standing> require_host(Calls& calls, const PeerId& peer) {
  auto standing = require_inside(calls, peer);
  if (standing && standing->connection.who->user_id != standing->room->info.host_id) {
    return http::fail(403, "FORBIDDEN", "only the host may do this");
  }
  return standing;
}

http::Result<Connection*> require_member(Calls& calls, const CallRoom& room, const PeerId& target) {
  if (std::ranges::find(room.members, target) == room.members.end()) {
    return http::fail(404, "PEER_NOT_FOUND", "nobody with this id is in the room");
  }
  return calls.find(target);
}

}  // namespace server::call
