// Which server a room lives at: the first that opened it, as long as that one is there and does not
// hand it over.
#pragma once

#include <optional>
#include <string>

#include "cluster/nodes.hpp"

namespace server::cluster {

// Control thread only.
class RoomHomes {
 public:
  // How long a room stays at its home without another claim().
  static constexpr Duration kLease = std::chrono::minutes{10};

  RoomHomes(Redis& redis, const Nodes& nodes) : redis_(redis), nodes_(nodes) {}

  // The other server that is the room's home; nullopt: this one is, from now on if there was none.
  // With Redis away every server is the home of its rooms; the next claim after that says whose the
  // room is.
  net::awaitable<std::optional<NodeId>> claim(std::string room_id);
  // From that server to this one. False: it was not that one's (any more), or Redis is away.
  net::awaitable<bool> take_over(std::string room_id, NodeId from);
  // Where the room lives, if it has lived anywhere lately, and Redis is there.
  net::awaitable<std::optional<NodeId>> find(std::string room_id);

 private:
  Redis& redis_;
  const Nodes& nodes_;
};

}  // namespace server::cluster
