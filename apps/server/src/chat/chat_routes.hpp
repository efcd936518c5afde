// /api/rooms/:slug/messages.
#pragma once

#include "chat/chat_service.hpp"
#include "http/routes.hpp"
#include "room/room_service.hpp"

namespace server::chat {

// Both services outlive the routes.
http::Routes chat_routes(ChatService& chat, room::RoomService& rooms);

}  // namespace server::chat
