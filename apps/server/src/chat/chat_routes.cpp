#include "chat/chat_routes.hpp"

#include "chat/message_json.hpp"
#include "http/json.hpp"
#include "http/query.hpp"

namespace server::chat {
namespace {

namespace net = boost::asio;
using http::Request;
using http::Response;

net::awaitable<Response> get_messages(ChatService& chat, room::RoomService& rooms,
                                      const Request& request) {
  const auto limit = http::page_limit(request, kMessagePageDefault, kMessagePageMax);
  if (!limit) co_return http::error_response(limit.error());
  const auto room = co_await rooms.find_by_slug(request.params.at("slug"));
  if (!room) co_return http::error_response(room.error());
  const auto may_read = co_await rooms.may_read_history(*room, request.principal->user_id);
  if (!may_read) co_return http::error_response(may_read.error());
  if (!*may_read) {
    co_return http::error_response(
        {403, "FORBIDDEN", "Only who has been in the room may read its messages.", {}, {}});
  }

  std::optional<std::string> before;
  if (const auto given = request.query_value("before")) before = std::string(*given);
  const auto page = co_await chat.history(room->id, std::move(before), *limit);
  if (!page) co_return http::error_response(page.error());
  http::json::value next;
  if (page->next_cursor) next = *page->next_cursor;
  co_return http::json_response(200, http::json::object{{"messages", to_json(page->messages)},
                                                        {"nextCursor", std::move(next)}});
}

}  // namespace

http::Routes chat_routes(ChatService& chat, room::RoomService& rooms) {
  return {{http::Method::Get, "/api/rooms/:slug/messages", http::Access::User,
           [&chat, &rooms](const Request& request) { return get_messages(chat, rooms, request); }}};
}

}  // namespace server::chat
