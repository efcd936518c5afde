#include "room/room_json.hpp"

namespace server::room {

boost::json::object to_json(const Room& room, std::size_t peer_count) {
  return {{"id", room.id},
          {"slug", room.slug},
          {"name", room.name},
          {"hostId", room.host_id},
          {"host", {{"id", room.host_id}, {"username", room.host_username}}},
          {"locked", room.locked},
          {"lobby", room.lobby},
          {"guests", room.guests},
          {"peerCount", peer_count},
          {"createdAt", db::to_iso8601(room.created_at)},
          {"updatedAt", db::to_iso8601(room.updated_at)}};
}

}  // namespace server::room
