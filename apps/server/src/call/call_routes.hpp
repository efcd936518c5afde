// /api/rtc/config
#pragma once

#include "call/ice_servers.hpp"
#include "http/routes.hpp"

namespace server::call {

// `ice` outlives the routes.
http::Routes call_routes(const IceServers& ice, int p2p_peers_max);

}  // namespace server::call
