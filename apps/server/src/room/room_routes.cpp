#include "room/room_routes.hpp"

#include <memory>

#include "http/json.hpp"
#include "http/query.hpp"
#include "room/room_json.hpp"

namespace server::room {
namespace {

namespace net = boost::asio;
using http::Request;
using http::Response;

constexpr int kPageMax = 100;
constexpr int kPageDefault = 20;

// What the routes work with; shared by their handlers.
struct Parts {
  RoomService& rooms;
  http::RateLimiter& limiter;
  PeerCount peer_count;
};
using SharedParts = std::shared_ptr<const Parts>;

Response room_response(const Parts& parts, unsigned status, const Room& room) {
  return http::json_response(status, to_json(room, parts.peer_count(room.id)));
}

net::awaitable<Response> get_rooms(SharedParts parts, const Request& request) {
  const auto limit = http::page_limit(request, kPageDefault, kPageMax);
  if (!limit) co_return http::error_response(limit.error());
  std::optional<std::string> cursor;
  if (const auto given = request.query_value("cursor")) cursor = std::string(*given);
  const auto page =
      co_await parts->rooms.list(request.principal->user_id, std::move(cursor), *limit);
  if (!page) co_return http::error_response(page.error());
  http::json::array rooms;
  for (const Room& room : page->rooms) {
    rooms.push_back(to_json(room, parts->peer_count(room.id)));
  }
  http::json::value next;
  if (page->next_cursor) next = *page->next_cursor;
  co_return http::json_response(
      200, http::json::object{{"rooms", std::move(rooms)}, {"nextCursor", std::move(next)}});
}

net::awaitable<Response> post_room(SharedParts parts, const Request& request) {
  if (auto free = co_await parts->limiter.take(http::kRoomCreationPerAddress, request.client);
      !free) {
    co_return http::error_response(free.error());
  }
  const std::string& user_id = request.principal->user_id;
  if (auto free = co_await parts->limiter.take(http::kRoomCreationPerAccount, user_id); !free) {
    co_return http::error_response(free.error());
  }
  auto body = http::parse_body(request);
  if (!body) co_return http::error_response(body.error());
  http::FieldReader in(*body);
  std::string name = in.text("name");
  std::optional<std::string> slug = in.optional_text("slug");
  if (const auto error = in.finish()) co_return http::error_response(*error);

  const auto room = co_await parts->rooms.create(user_id, std::move(name), std::move(slug));
  if (!room) co_return http::error_response(room.error());
  co_return room_response(*parts, 201, *room);
}

net::awaitable<Response> get_room(SharedParts parts, const Request& request) {
  const auto room = co_await parts->rooms.find_by_slug(request.params.at("slug"));
  if (!room) co_return http::error_response(room.error());
  co_return room_response(*parts, 200, *room);
}

net::awaitable<Response> patch_room(SharedParts parts, const Request& request) {
  auto body = http::parse_body(request);
  if (!body) co_return http::error_response(body.error());
  http::FieldReader in(*body);
  RoomChange change;
  change.name = in.optional_text("name");
  change.locked = in.optional_boolean("locked");
  change.lobby = in.optional_boolean("lobby");
  change.guests = in.optional_boolean("guests");
  if (const auto error = in.finish()) co_return http::error_response(*error);

  const auto room = co_await parts->rooms.update(request.principal->user_id,
                                                 request.params.at("slug"), std::move(change));
  if (!room) co_return http::error_response(room.error());
  co_return room_response(*parts, 200, *room);
}

net::awaitable<Response> delete_room(SharedParts parts, const Request& request) {
  const auto removed =
      co_await parts->rooms.remove(request.principal->user_id, request.params.at("slug"));
  if (!removed) co_return http::error_response(removed.error());
  co_return http::empty_response(204);
}

}  // namespace

http::Routes room_routes(RoomService& rooms, http::RateLimiter& limiter, PeerCount peer_count) {
  const auto parts = std::make_shared<const Parts>(rooms, limiter, std::move(peer_count));
  using http::Access;
  using http::Method;
  return {
      {Method::Get, "/api/rooms", Access::User,
       [parts](const Request& request) { return get_rooms(parts, request); }},
      {Method::Post, "/api/rooms", Access::User,
       [parts](const Request& request) { return post_room(parts, request); }},
      {Method::Get, "/api/rooms/:slug", Access::Public,
       [parts](const Request& request) { return get_room(parts, request); }},
      {Method::Patch, "/api/rooms/:slug", Access::User,
       [parts](const Request& request) { return patch_room(parts, request); }},
      {Method::Delete, "/api/rooms/:slug", Access::User,
       [parts](const Request& request) { return delete_room(parts, request); }},
  };
}

}  // namespace server::room
