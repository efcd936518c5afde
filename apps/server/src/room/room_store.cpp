#include "room/room_store.hpp"

#include <algorithm>

#include "db/missing_rows.hpp"

namespace server::room {
namespace {

using db::Connection;
using db::Timestamp;

constexpr std::string_view kRoomBySlug = R"(
    SELECT r."id", r."slug", r."name", r."hostId", u."username", r."locked", r."lobby", r."guests",
           r."createdAt", r."updatedAt"
    FROM "Room" r JOIN "User" u ON u."id" = r."hostId" WHERE r."slug" = $1)";
constexpr std::string_view kRoomById = R"(
    SELECT r."id", r."slug", r."name", r."hostId", u."username", r."locked", r."lobby", r."guests",
           r."createdAt", r."updatedAt"
    FROM "Room" r JOIN "User" u ON u."id" = r."hostId" WHERE r."id" = $1)";

template <class Row>
Room room_of(Row& row) {
  return {std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row), std::get<4>(row),
          std::get<5>(row), std::get<6>(row), std::get<7>(row), std::get<8>(row), std::get<9>(row)};
}

std::optional<Room> find(const Connection& connection, std::string_view sql, std::string_view key) {
  auto row = connection.select_one<std::string, std::string, std::string, std::string, std::string,
                                   bool, bool, bool, Timestamp, Timestamp>(sql, key);
  if (!row) return std::nullopt;
  return room_of(*row);
}

// The time of a change, later than that of the change before: it tells the newer of two answers.
// Nullopt when the room is gone.
std::optional<Timestamp> next_change(const Connection& connection, std::string_view id,
                                     Timestamp now) {
  const std::string sql =
      R"(SELECT "updatedAt" FROM "Room" WHERE "id" = $1)" + std::string(connection.row_lock());
  const auto before = connection.select_one<Timestamp>(sql, id);
  if (!before) return std::nullopt;
  return std::max(now, std::get<0>(*before) + std::chrono::milliseconds(1));
}

void put_on_list(Connection& connection, std::string_view user_id, std::string_view room_id,
                 Timestamp at) {
  connection.execute(R"(
      INSERT INTO "RoomVisit" ("userId", "roomId", "lastEntryAt", "entries")
      VALUES ($1, $2, $3, 0) ON CONFLICT ("userId", "roomId") DO NOTHING)",
                     user_id, room_id, at);
}

}  // namespace

net::awaitable<db::Outcome<std::optional<Room>>> RoomStore::insert(NewRoom room) {
  auto work = [room = std::move(room)](Connection& connection) {
    return connection.transaction([&]() -> std::optional<Room> {
      const std::int64_t inserted =
          connection.execute(R"(
          INSERT INTO "Room" ("id", "slug", "name", "hostId", "createdAt", "updatedAt")
          VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING)",
                             room.id, room.slug, room.name, room.host_id, room.now, room.now);
      if (inserted == 0) return std::nullopt;
      put_on_list(connection, room.host_id, room.id, room.now);
      return find(connection, kRoomById, room.id);
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<Room>>> RoomStore::find_by_slug(std::string slug) {
  auto work = [slug = std::move(slug)](const Connection& connection) {
    return find(connection, kRoomBySlug, slug);
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<Room>>> RoomStore::find_by_id(std::string id) {
  auto work = [id = std::move(id)](const Connection& connection) {
    return find(connection, kRoomById, id);
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::vector<std::string>>> RoomStore::find_gone(
    std::vector<std::string> ids) {
  auto work = [ids = std::move(ids)](const Connection& connection) {
    return db::missing_rows(connection, "Room", ids);
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::vector<RoomStore::Listed>>> RoomStore::list(
    std::string user_id, std::optional<ListPosition> after, int limit) {
  auto work = [user_id = std::move(user_id), after = std::move(after),
               limit](const Connection& connection) {
    // Later than any moment that is stored, so that the first page is like the others.
    constexpr std::string_view kEnd = "9999-12-31 23:59:59.999";
    const std::string from = after ? db::to_sql(after->entered_at) : std::string(kEnd);
    const std::string from_id = after ? after->room_id : "";
    auto rows = connection.select<std::string, std::string, std::string, std::string, std::string,
                                  bool, bool, bool, Timestamp, Timestamp, Timestamp>(
        R"(
        SELECT r."id", r."slug", r."name", r."hostId", u."username", r."locked", r."lobby",
               r."guests", r."createdAt", r."updatedAt", v."lastEntryAt"
        FROM "RoomVisit" v
          JOIN "Room" r ON r."id" = v."roomId"
          JOIN "User" u ON u."id" = r."hostId"
        WHERE v."userId" = $1 AND (v."lastEntryAt", v."roomId") < ($2, $3)
          AND (v."entries" > 0 OR r."hostId" = v."userId")
        ORDER BY v."lastEntryAt" DESC, v."roomId" DESC LIMIT $4)",
        user_id, from, from_id, limit);
    std::vector<Listed> listed;
    for (auto& row : rows) {
      Room room = room_of(row);
      ListPosition position{std::get<10>(row), room.id};
      listed.push_back({std::move(room), std::move(position)});
    }
    return listed;
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<Room>>> RoomStore::update(std::string id,
                                                                   RoomChange change,
                                                                   Timestamp now) {
  auto work = [id = std::move(id), change = std::move(change), now](Connection& connection) {
    return connection.transaction([&]() -> std::optional<Room> {
      const auto at = next_change(connection, id, now);
      if (!at) return std::nullopt;
      connection.execute(R"(
          UPDATE "Room" SET "name" = COALESCE($1, "name"), "locked" = COALESCE($2, "locked"),
                            "lobby" = COALESCE($3, "lobby"), "guests" = COALESCE($4, "guests"),
                            "updatedAt" = $5 WHERE "id" = $6)",
                         change.name, change.locked, change.lobby, change.guests, *at, id);
      return find(connection, kRoomById, id);
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<Room>>> RoomStore::set_host(std::string id,
                                                                     std::string user_id,
                                                                     Timestamp now) {
  auto work = [id = std::move(id), user_id = std::move(user_id), now](Connection& connection) {
    return connection.transaction([&]() -> std::optional<Room> {
      const auto at = next_change(connection, id, now);
      if (!at) return std::nullopt;
      connection.execute(R"(UPDATE "Room" SET "hostId" = $1, "updatedAt" = $2 WHERE "id" = $3)",
                         user_id, *at, id);
      put_on_list(connection, user_id, id, now);
      return find(connection, kRoomById, id);
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<bool>> RoomStore::remove(std::string id) {
  auto work = [id = std::move(id)](Connection& connection) {
    return connection.transaction([&] {
      // The room is locked first: a message that comes meanwhile waits, and then finds no room.
      const std::string sql =
          R"(SELECT "id" FROM "Room" WHERE "id" = $1)" + std::string(connection.row_lock());
      if (!connection.select_one<std::string>(sql, id)) return false;
      connection.execute(R"(DELETE FROM "Message" WHERE "roomId" = $1)", id);
      return connection.execute(R"(DELETE FROM "Room" WHERE "id" = $1)", id) > 0;
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<Timestamp>>> RoomStore::record_visit(std::string room_id,
                                                                              std::string user_id,
                                                                              Timestamp now) {
  auto work = [room_id = std::move(room_id), user_id = std::move(user_id),
               now](Connection& connection) {
    return connection.transaction([&]() -> std::optional<Timestamp> {
      const auto before = connection.select_one<Timestamp>(R"(
          SELECT "lastEntryAt" FROM "RoomVisit" WHERE "userId" = $1 AND "roomId" = $2)",
                                                           user_id, room_id);
      connection.execute(R"(
          INSERT INTO "RoomVisit" ("userId", "roomId", "lastEntryAt", "entries")
          VALUES ($1, $2, $3, 1) ON CONFLICT ("userId", "roomId")
          DO UPDATE SET "lastEntryAt" = excluded."lastEntryAt",
                        "entries" = "RoomVisit"."entries" + 1)",
                         user_id, room_id, now);
      if (!before) return std::nullopt;
      return std::get<0>(*before);
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<void>> RoomStore::undo_visit(Visit visit) {
  auto work = [visit = std::move(visit)](Connection& connection) {
    if (!visit.last_entry_before) {
      connection.execute(R"(DELETE FROM "RoomVisit" WHERE "userId" = $1 AND "roomId" = $2)",
                         visit.user_id, visit.room_id);
      return;
    }
    connection.execute(R"(
        UPDATE "RoomVisit" SET "lastEntryAt" = $1, "entries" = "entries" - 1
        WHERE "userId" = $2 AND "roomId" = $3 AND "entries" > 0)",
                       *visit.last_entry_before, visit.user_id, visit.room_id);
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<void>> RoomStore::withdraw_visit(std::string room_id,
                                                            std::string user_id) {
  auto work = [room_id = std::move(room_id), user_id = std::move(user_id)](Connection& connection) {
    connection.execute(R"(
        UPDATE "RoomVisit" SET "entries" = 0 WHERE "userId" = $1 AND "roomId" = $2)",
                       user_id, room_id);
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<bool>> RoomStore::has_visited(std::string room_id, std::string user_id) {
  auto work = [room_id = std::move(room_id),
               user_id = std::move(user_id)](const Connection& connection) {
    return connection
        .select_one<std::int64_t>(R"(
            SELECT "entries" FROM "RoomVisit"
            WHERE "userId" = $1 AND "roomId" = $2 AND "entries" > 0)",
                                  user_id, room_id)
        .has_value();
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace server::room
