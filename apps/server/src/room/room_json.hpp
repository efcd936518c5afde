// The contract's `room` object, for REST and Socket.IO alike.
#pragma once

#include <boost/json.hpp>
#include <cstddef>

#include "room/room.hpp"

namespace server::room {

boost::json::object to_json(const Room& room, std::size_t peer_count);

}  // namespace server::room
