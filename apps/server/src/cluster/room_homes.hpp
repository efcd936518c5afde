// Which server a room lives at: the first that opened it, as long as that one is there.
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

 private:
  Redis& redis_;
  const Nodes& nodes_;
};

}  // namespace server::cluster
