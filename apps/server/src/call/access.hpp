// What a sender must be to ask for something; every request starts with one of these.
#pragma once

#include "call/calls.hpp"
#include "http/api_error.hpp"

namespace server::call {

// The sender where it is: valid until the next co_await.
struct Standing {
  Connection& connection;
  std::shared_ptr<CallRoom> room;
};

// UNAUTHORIZED: the connection never said who it is.
http::Result<Connection*> require_identity(Calls& calls, const PeerId& peer);
// … NOT_IN_ROOM.
http::Result<Standing> require_inside(Calls& calls, const PeerId& peer);
// … FORBIDDEN: neither host nor, while the host is away, the first with an account.
http::Result<Standing> require_moderator(Calls& calls, const PeerId& peer);
// … FORBIDDEN: not the room's host.
http::Result<Standing> require_host(Calls& calls, const PeerId& peer);
// PEER_NOT_FOUND: not in that room.
http::Result<Connection*> require_member(Calls& calls, const CallRoom& room, const PeerId& target);

}  // namespace server::call
