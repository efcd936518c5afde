// Where a socket is that is not connected to its home, as JSON for the room's next home.
#pragma once

#include <boost/json/value.hpp>
#include <optional>

#include "cluster/nodes.hpp"
#include "gateway/backlog.hpp"

namespace server::gateway {

struct RemotePlace {
  cluster::NodeId edge;           // the one it left, while it moves
  std::optional<Backlog> missed;  // while it moves
};

// Who missed more than `kMovedLog` holds starts anew.
boost::json::value to_json(const RemotePlace& place, Instant now);
// Throws at what is none.
RemotePlace to_remote_place(const boost::json::value& value, Instant now);

}  // namespace server::gateway
