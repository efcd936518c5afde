#include "room/room_service.hpp"

#include <algorithm>
#include <charconv>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "room/room_store.hpp"

namespace server::room {
namespace {

constexpr std::size_t kNameMax = 80;  // characters

http::ApiError not_found() { return {404, "ROOM_NOT_FOUND", "There is no such room.", {}, {}}; }

bool is_slug(std::string_view text) {
  return text.size() >= 3 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// xxx-xxxx-xxx of lower-case letters: 26^10 codes, 47 bits.
std::string make_slug(Random& random) {
  constexpr std::string_view kShape = "xxx-xxxx-xxx";
  std::string slug;
  for (const char c : kShape) {
    slug += c == 'x' ? static_cast<char>('a' + random.u32() % 26) : c;
  }
  return slug;
}

http::Result<std::string> checked_name(std::string_view given) {
  const std::string_view name = trim(given);
  if (name.empty() || count_characters(name) > kNameMax) {
    return std::unexpected(http::invalid_field("name", "must be 1 to 80 characters"));
  }
  return std::string(name);
}

// A cursor is opaque to clients: milliseconds and room id of the last room of the page.
std::string make_cursor(const ListPosition& position) {
  const auto at = position.entered_at.time_since_epoch().count();
  return base64url_encode(bytes_of(std::to_string(at) + "." + position.room_id));
}

std::optional<ListPosition> read_cursor(std::string_view cursor) {
  constexpr std::int64_t kYear9999 = 253402300799999;
  const auto octets = base64url_decode(cursor);
  if (!octets) return std::nullopt;
  const std::string_view text = text_of(Bytes(*octets));
  std::int64_t at = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), at);
  if (error != std::errc{} || at < 0 || at > kYear9999) return std::nullopt;
  const std::string_view rest = text.substr(static_cast<std::size_t>(stopped - text.data()));
  const bool is_plain = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < '\x7F'; });
  if (!rest.starts_with('.') || !is_plain || rest.size() > 65) return std::nullopt;
  return ListPosition{db::Timestamp(std::chrono::milliseconds(at)), std::string(rest.substr(1))};
}

// The room that a store gave, or why there is none.
http::Result<Room> found(db::Outcome<std::optional<Room>> room) {
  if (!room) return std::unexpected(db::to_api_error(room.error()));
  if (!*room) return std::unexpected(not_found());
  return std::move(**room);
}

}  // namespace

RoomService::RoomService(RoomStore& store, cluster::Bus& bus, db::Clock clock, Random& random)
    : store_(store), bus_(bus), clock_(clock), random_(random), ids_(std::move(clock), random) {}

net::awaitable<http::Result<Room>> RoomService::create(std::string host_id, std::string name,
                                                       std::optional<std::string> slug) {
  auto checked = checked_name(name);
  if (slug && !is_slug(*slug)) {
    http::ApiError error =
        http::invalid_field("slug", "must be 3 to 64 characters of a-z, 0-9 and -");
    if (!checked) error.details.push_back(checked.error().details.front());
    co_return std::unexpected(std::move(error));
  }
  if (!checked) co_return std::unexpected(std::move(checked.error()));

  for (int attempt = 0; attempt < 5; ++attempt) {
    auto [id, now] = ids_.next();
    NewRoom row{std::move(id), slug ? *slug : make_slug(random_), *checked, host_id, now};
    auto room = co_await store_.insert(std::move(row));
    if (!room && room.error().kind == db::DbError::Kind::Missing) {
      co_return http::fail(401, "UNAUTHORIZED", "Log in first.");  // the account is gone
    }
    if (!room) co_return std::unexpected(db::to_api_error(room.error()));
    if (*room) co_return std::move(**room);
    if (slug) co_return http::fail(409, "SLUG_TAKEN", "Another room has this code.");
  }
  co_return http::fail(503, "UNAVAILABLE", "No free room code was found; try again.");
}

net::awaitable<http::Result<Room>> RoomService::find_by_slug(std::string slug) {
  if (!is_slug(slug)) co_return std::unexpected(not_found());
  co_return found(co_await store_.find_by_slug(std::move(slug)));
}

net::awaitable<http::Result<Room>> RoomService::find_by_id(std::string id) {
  co_return found(co_await store_.find_by_id(std::move(id)));
}

net::awaitable<http::Result<RoomPage>> RoomService::list(std::string user_id,
                                                         std::optional<std::string> cursor,
                                                         int limit) {
  std::optional<ListPosition> after;
  if (cursor) {
    after = read_cursor(*cursor);
    if (!after) {
      co_return std::unexpected(http::invalid_field("cursor", "is none that this server gave"));
    }
  }
  // One more than asked for tells whether there is a next page.
  auto listed = co_await store_.list(std::move(user_id), std::move(after), limit + 1);
  if (!listed) co_return std::unexpected(db::to_api_error(listed.error()));
  RoomPage page;
  const bool more = listed->size() > static_cast<std::size_t>(limit);
  if (more) listed->pop_back();
  if (more) page.next_cursor = make_cursor(listed->back().position);
  for (RoomStore::Listed& one : *listed) page.rooms.push_back(std::move(one.room));
  co_return page;
}

net::awaitable<http::Result<Room>> RoomService::find_as_host(std::string user_id,
                                                             std::string slug) {
  auto room = co_await find_by_slug(std::move(slug));
  if (room && room->host_id != user_id) {
    co_return http::fail(403, "FORBIDDEN", "Only the host may do this.");
  }
  co_return room;
}

net::awaitable<http::Result<Room>> RoomService::update(std::string user_id, std::string slug,
                                                       RoomChange change) {
  auto room = co_await find_as_host(std::move(user_id), std::move(slug));
  if (!room) co_return room;
  if (change.name) {
    auto checked = checked_name(*change.name);
    if (!checked) co_return std::unexpected(std::move(checked.error()));
    change.name = std::move(*checked);
  }
  auto changed = found(co_await store_.update(room->id, std::move(change), clock_()));
  if (changed) tell_changed(*changed);
  co_return changed;
}

net::awaitable<http::Result<void>> RoomService::remove(std::string user_id, std::string slug) {
  const auto room = co_await find_as_host(std::move(user_id), std::move(slug));
  if (!room) co_return std::unexpected(room.error());
  const auto removed = co_await store_.remove(room->id);
  if (!removed) co_return std::unexpected(db::to_api_error(removed.error()));
  if (!*removed) co_return std::unexpected(not_found());
  bus_.publish(cluster::RoomDeleted{room->id});
  co_return http::Result<void>{};
}

net::awaitable<void> RoomService::notice_deleted(std::vector<std::string> room_ids) {
  const auto gone = co_await store_.find_gone(std::move(room_ids));
  if (!gone) co_return;  // the database is away: later
  for (const std::string& room_id : *gone) bus_.publish(cluster::RoomDeleted{room_id});
}

void RoomService::tell_changed(const Room& room) {
  if (change_) change_(room);
  bus_.publish(cluster::RoomChanged{room.id});
}

net::awaitable<http::Result<Visit>> RoomService::record_visit(std::string room_id,
                                                              std::string user_id) {
  Visit visit{room_id, user_id, std::nullopt};
  auto recorded = co_await store_.record_visit(std::move(room_id), std::move(user_id), clock_());
  if (!recorded && recorded.error().kind == db::DbError::Kind::Missing) {
    co_return std::unexpected(not_found());
  }
  if (!recorded) co_return std::unexpected(db::to_api_error(recorded.error()));
  visit.last_entry_before = *recorded;
  co_return visit;
}

net::awaitable<http::Result<void>> RoomService::undo_visit(Visit visit) {
  const auto undone = co_await store_.undo_visit(std::move(visit));
  if (!undone) co_return std::unexpected(db::to_api_error(undone.error()));
  co_return http::Result<void>{};
}

net::awaitable<http::Result<void>> RoomService::withdraw_visit(std::string room_id,
                                                               std::string user_id) {
  const auto withdrawn = co_await store_.withdraw_visit(std::move(room_id), std::move(user_id));
  if (!withdrawn) co_return std::unexpected(db::to_api_error(withdrawn.error()));
  co_return http::Result<void>{};
}

net::awaitable<http::Result<Room>> RoomService::set_host(std::string room_id, std::string user_id) {
  auto changed = co_await store_.set_host(std::move(room_id), std::move(user_id), clock_());
  if (!changed && changed.error().kind == db::DbError::Kind::Missing) {
    co_return http::fail(404, "USER_NOT_FOUND", "There is no such user.");
  }
  auto room = found(std::move(changed));
  if (room) tell_changed(*room);
  co_return room;
}

net::awaitable<http::Result<bool>> RoomService::may_read_history(Room room, std::string user_id) {
  if (room.host_id == user_id) co_return true;
  const auto visited = co_await store_.has_visited(std::move(room.id), std::move(user_id));
  if (!visited) co_return std::unexpected(db::to_api_error(visited.error()));
  co_return *visited;
}

}  // namespace server::room
