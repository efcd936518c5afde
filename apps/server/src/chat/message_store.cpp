#include "chat/message_store.hpp"

#include <algorithm>

#include "chat/chat_quota.hpp"

namespace server::chat {
namespace {

using db::Connection;
using db::Timestamp;

// A guest's name is in the message, an account's is the one that it has now.
template <class OnMessage, class... Values>
void visit_messages(const Connection& connection, OnMessage on_message, std::string_view sql,
                    const Values&... values) {
  const auto on_row = [&](auto&& row) {
    auto& [id, content, room_id, user_id, username, created_at] = row;
    on_message(Message{std::move(id), std::move(content), std::move(room_id), std::move(user_id),
                       std::move(username), created_at});
  };
  connection.visit<std::string, std::string, std::string, std::optional<std::string>, std::string,
                   Timestamp>(on_row, sql, values...);
}

template <class... Values>
std::vector<Message> select_messages(const Connection& connection, std::string_view sql,
                                     const Values&... values) {
  std::vector<Message> messages;
  visit_messages(
      connection, [&](Message&& message) { messages.push_back(std::move(message)); }, sql,
      values...);
  return messages;
}

// The author's columns: one of user and guest is null.
struct AuthorColumns {
  std::optional<std::string> guest_id;
  std::optional<std::string> guest_name;

  explicit AuthorColumns(const Author& author) {
    if (author.user_id) return;
    guest_id = author.guest_id;
    guest_name = author.name;
  }
};

std::vector<Message> find_stored(const Connection& connection, const Message& message,
                                 const Author& author, const std::string& client_id) {
  if (author.user_id) {
    return select_messages(connection, R"(
        SELECT m."id", m."content", m."roomId", m."userId", u."username", m."createdAt"
        FROM "Message" m JOIN "User" u ON u."id" = m."userId"
        WHERE m."roomId" = $1 AND m."userId" = $2 AND m."clientId" = $3)",
                           message.room_id, *author.user_id, client_id);
  }
  return select_messages(connection, R"(
      SELECT "id", "content", "roomId", "userId", "guestName", "createdAt" FROM "Message"
      WHERE "roomId" = $1 AND "guestId" = $2 AND "clientId" = $3)",
                         message.room_id, author.guest_id, client_id);
}

std::int64_t stored_octets(const Connection& connection, const std::string& room_id) {
  const auto row = connection.select_one<std::int64_t>(
      R"(SELECT "octets" FROM "RoomChat" WHERE "roomId" = $1)", room_id);
  return row ? std::get<0>(*row) : 0;
}

// Until the end of the transaction; false when another server has it. On SQLite the transaction
// itself is the lock. The number is ours, as that of the schema's lock (db/migrations.cpp).
bool lock_expiry(Connection& connection) {
  if (!connection.is_postgresql()) return true;
  const auto row = connection.select_one<std::int64_t>(
      "SELECT CASE WHEN pg_try_advisory_xact_lock(7723046122) THEN 1 ELSE 0 END");
  return std::get<0>(*row) == 1;
}

}  // namespace

net::awaitable<db::Outcome<MessageStore::Stored>> MessageStore::insert(
    Message message, Author author, std::string client_id, std::int64_t room_octets_max) {
  auto work = [message = std::move(message), author = std::move(author),
               client_id = std::move(client_id),
               room_octets_max](Connection& connection) -> Stored {
    // Not in one transaction: those who write at once exceed the bound by a message each at most.
    if (stored_octets(connection, message.room_id) + cost_of(message) > room_octets_max) {
      auto stored = find_stored(connection, message, author, client_id);
      if (stored.empty()) return {message, Fate::RoomIsFull};
      return {std::move(stored.front()), Fate::Repeated};
    }
    const AuthorColumns columns(author);
    const std::int64_t inserted =
        connection.execute(R"(
        INSERT INTO "Message" ("id", "content", "roomId", "userId", "guestId", "guestName",
                               "clientId", "createdAt")
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING)",
                           message.id, message.content, message.room_id, author.user_id,
                           columns.guest_id, columns.guest_name, client_id, message.created_at);
    if (inserted > 0) return {message, Fate::New};
    auto stored = find_stored(connection, message, author, client_id);
    if (stored.empty()) {
      throw db::DbException({db::DbError::Kind::Missing, "the message went with its room"});
    }
    return {std::move(stored.front()), Fate::Repeated};
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<std::vector<Message>>>> MessageStore::page(
    std::string room_id, std::optional<std::string> before, int limit, std::size_t octets_max) {
  auto work = [room_id = std::move(room_id), before = std::move(before), limit,
               octets_max](const Connection& connection) -> std::optional<std::vector<Message>> {
    // Later than any moment that is stored, so that the newest page is like the others.
    std::string end = "9999-12-31 23:59:59.999";
    if (before) {
      const auto at = connection.select_one<Timestamp>(
          R"(SELECT "createdAt" FROM "Message" WHERE "id" = $1 AND "roomId" = $2)", *before,
          room_id);
      if (!at) return std::nullopt;
      end = db::to_sql(std::get<0>(*at));
    }
    std::size_t octets = 0;
    std::vector<Message> messages;
    const auto keep = [&](Message&& message) {
      if (octets > octets_max) return;
      octets += message.content.size();
      messages.push_back(std::move(message));
    };
    visit_messages(connection, keep, R"(
        SELECT m."id", m."content", m."roomId", m."userId",
               COALESCE(u."username", m."guestName", ''), m."createdAt"
        FROM "Message" m LEFT JOIN "User" u ON u."id" = m."userId"
        WHERE m."roomId" = $1 AND (m."createdAt", m."id") < ($2, $3)
        ORDER BY m."createdAt" DESC, m."id" DESC LIMIT $4)",
                   room_id, end, before.value_or(""), limit);
    std::ranges::reverse(messages);
    return messages;
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<std::int64_t>>> MessageStore::remove_older(
    Timestamp before, int limit) {
  auto work = [before, limit](Connection& connection) {
    return connection.transaction([&]() -> std::optional<std::int64_t> {
      if (!lock_expiry(connection)) return std::nullopt;
      return connection.execute(R"(
          DELETE FROM "Message" WHERE "id" IN (
              SELECT "id" FROM "Message" WHERE "createdAt" < $1 ORDER BY "createdAt" LIMIT $2))",
                                before, limit);
    });
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace server::chat
