#include "auth/account_sql.hpp"

#include "auth/hash.hpp"
#include "auth/lockout_sql.hpp"
#include "auth/login_tokens.hpp"
#include "base/display_name.hpp"
#include "base/text.hpp"

namespace server::auth {

std::optional<Account> find_account(const db::Connection& connection, std::string_view user_id,
                                    bool lock_row) {
  static constexpr std::string_view kSql = R"(
      SELECT "id", "email", "username", "tokenVersion", "createdAt", "updatedAt", "passwordHash",
             "failedLoginAttempts", "lockedUntil", "lastFailedLoginAt"
      FROM "User" WHERE "id" = $1)";
  using db::Timestamp;
  const std::string sql = std::string(kSql) + std::string(lock_row ? connection.row_lock() : "");
  auto row = connection.select_one<std::string, std::string, std::string, std::int64_t, Timestamp,
                                   Timestamp, std::string, std::int64_t, std::optional<Timestamp>,
                                   std::optional<Timestamp>>(sql, user_id);
  if (!row) return std::nullopt;
  auto& [id, email, username, version, created, updated, hash, failed, locked, last] = *row;
  return Account{{std::move(id), std::move(email), std::move(username), version, created, updated},
                 std::move(hash),
                 {failed, locked, last}};
}

Taken find_taken(const db::Connection& connection, std::string_view email,
                 std::string_view username, std::string_view except_id) {
  const bool email_taken =
      connection
          .select_one<std::string>(
              R"(SELECT "id" FROM "User" WHERE "emailKey" = $1 AND "id" <> $2)",
              to_lower_ascii(email), except_id)
          .has_value();
  if (email_taken) return Taken::Email;
  const bool username_taken = connection
                                  .select_one<std::string>(
                                      R"(SELECT "id" FROM "User"
                 WHERE ("usernameKey" = $1 OR "usernameSkeleton" = $2) AND "id" <> $3)",
                                      to_lower_ascii(username), name_skeleton(username), except_id)
                                  .has_value();
  return username_taken ? Taken::Username : Taken::Nothing;
}

Taken insert_account(db::Connection& connection, const NewUser& user, db::Timestamp now) {
  const std::int64_t inserted = connection.execute(
      R"(
      INSERT INTO "User" ("id", "email", "emailKey", "username", "usernameKey",
                          "usernameSkeleton", "passwordHash", "createdAt", "updatedAt")
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING)",
      user.id, user.email, user.email, user.username, to_lower_ascii(user.username),
      name_skeleton(user.username), user.password_hash, now, now);
  if (inserted == 0) {
    const Taken taken = find_taken(connection, user.email, user.username, "");
    // An account adopted from Prisma may hold the name as it is, under another key.
    return taken == Taken::Nothing ? Taken::Username : taken;
  }
  forget_unknown(connection, sha256_hex(user.email));
  return Taken::Nothing;
}

std::optional<std::string> rotate_login(db::Connection& connection, const Rotation& rotation) {
  const auto row = connection.select_one<std::string, std::string>(
      R"(SELECT "tokenHash", "userId" FROM "LoginFamily" WHERE "id" = $1)", rotation.sid);
  if (!row) return std::nullopt;
  const auto& [previous, user_id] = *row;
  const std::string successor = rotation.successor_hash(previous);
  connection.execute(R"(
      UPDATE "LoginFamily" SET "previousHash" = "tokenHash", "tokenHash" = $1, "client" = $2,
                               "address" = $3, "userAgent" = $4, "rotatedAt" = $5
      WHERE "id" = $6)",
                     successor, rotation.client.hash, rotation.client.address,
                     rotation.client.user_agent, rotation.now, rotation.sid);
  connection.execute(R"(UPDATE "User" SET "refreshTokenHash" = $1 WHERE "id" = $2)", successor,
                     user_id);
  return previous;
}

bool has_login(const db::Connection& connection, std::string_view user_id, std::string_view sid,
               db::Timestamp now) {
  return connection
      .select_one<std::string>(
          R"(SELECT "id" FROM "LoginFamily" WHERE "id" = $1 AND "userId" = $2 AND "createdAt" > $3)",
          sid, user_id, now - kLoginLife)
      .has_value();
}

void end_other_logins(db::Connection& connection, std::string_view user_id,
                      std::string_view except_sid) {
  connection.execute(R"(DELETE FROM "LoginFamily" WHERE "userId" = $1 AND "id" <> $2)", user_id,
                     except_sid);
}

}  // namespace server::auth
