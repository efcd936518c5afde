// /api/rooms and /api/rooms/:slug.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "http/rate_limiter.hpp"
#include "http/routes.hpp"
#include "room/room_service.hpp"

namespace server::room {

// How many people are in the room with this id right now.
using PeerCount = std::function<std::size_t(std::string_view room_id)>;

// The service and the limiter outlive the routes.
http::Routes room_routes(RoomService& rooms, http::RateLimiter& limiter, PeerCount peer_count);

}  // namespace server::room
