#include "auth/lockout_sql.hpp"

#include <algorithm>

#include "auth/login_tokens.hpp"

namespace server::auth {
namespace {

using db::Connection;
using db::Timestamp;

constexpr int kUnknownsMax = 10'000;    // e-mails nobody has, and places that tried them
constexpr int kKnownAddressesMax = 20;  // of a user; the one unused for longest goes first
constexpr auto kKnownFor = kLoginLife;  // without a login from there

std::string key_of(const Tried& tried) {
  return tried.user_id.empty() ? "unknown " + tried.email_hash : tried.user_id;
}

// One more failure. Failures that lie further back than a lockout lasts are forgotten; a lock is
// not made longer by more failures.
Attempts after_failure(Attempts attempts, int attempts_max, std::chrono::minutes lasts,
                       Timestamp now) {
  if (attempts.is_locked(now)) return attempts;
  const bool forgotten =
      attempts.locked_until || !attempts.last_failed_at || *attempts.last_failed_at + lasts <= now;
  attempts.failed = forgotten ? 1 : attempts.failed + 1;
  attempts.last_failed_at = now;
  attempts.locked_until.reset();
  if (attempts.failed >= attempts_max) attempts.locked_until = now + lasts;
  return attempts;
}

Attempts attempts_here(const Connection& connection, std::string_view key, std::string_view place) {
  const auto row = connection.select_one<std::int64_t, std::optional<Timestamp>, Timestamp>(
      R"(SELECT "attempts", "lockedUntil", "lastFailedAt" FROM "FailedLogin"
         WHERE "account" = $1 AND "source" = $2)",
      key, place);
  if (!row) return {};
  const auto& [failed, locked_until, last] = *row;
  return {failed, locked_until, last};
}

void write_here(Connection& connection, const Tried& tried, std::string_view place,
                const Attempts& attempts) {
  const std::optional<std::string> user_id =
      tried.user_id.empty() ? std::nullopt : std::optional(tried.user_id);
  connection.execute(R"(
      INSERT INTO "FailedLogin" ("account", "source", "userId", "attempts", "lockedUntil",
                                 "lastFailedAt")
      VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT ("account", "source") DO UPDATE SET
        "attempts" = excluded."attempts", "lockedUntil" = excluded."lockedUntil",
        "lastFailedAt" = excluded."lastFailedAt")",
                     key_of(tried), place, user_id, attempts.failed, attempts.locked_until,
                     attempts.last_failed_at);
}

void write_everywhere(Connection& connection, const Tried& tried, const Attempts& attempts) {
  if (tried.user_id.empty()) {
    connection.execute(R"(
        UPDATE "UnknownLogin" SET "failedLoginAttempts" = $1, "lockedUntil" = $2,
                                  "lastFailedLoginAt" = $3 WHERE "emailHash" = $4)",
                       attempts.failed, attempts.locked_until, attempts.last_failed_at,
                       tried.email_hash);
  } else {
    connection.execute(R"(
        UPDATE "User" SET "failedLoginAttempts" = $1, "lockedUntil" = $2,
                          "lastFailedLoginAt" = $3 WHERE "id" = $4)",
                       attempts.failed, attempts.locked_until, attempts.last_failed_at,
                       tried.user_id);
  }
}

// Kept bounded; done for every failure, so that known and unknown e-mails cost the same. Of a
// user's account few places can fail before all that are not known are locked out.
void forget_old(Connection& connection, const Lockout& lockout, Timestamp now) {
  connection.execute(R"(
      DELETE FROM "FailedLogin"
      WHERE "lastFailedAt" < $1 AND ("lockedUntil" IS NULL OR "lockedUntil" < $2))",
                     now - lockout.lasts, now);
  connection.execute(R"(
      DELETE FROM "FailedLogin" WHERE ("account", "source") IN (
        SELECT "account", "source" FROM "FailedLogin" WHERE "userId" IS NULL
        ORDER BY "lastFailedAt" DESC LIMIT 1000 OFFSET $1))",
                     kUnknownsMax);
  connection.execute(R"(
      DELETE FROM "UnknownLogin"
      WHERE "lastFailedLoginAt" < $1 AND ("lockedUntil" IS NULL OR "lockedUntil" < $2))",
                     now - lockout.lasts, now);
  connection.execute(R"(
      DELETE FROM "UnknownLogin" WHERE "emailHash" IN (
        SELECT "emailHash" FROM "UnknownLogin"
        ORDER BY "lastFailedLoginAt" DESC LIMIT 1000 OFFSET $1))",
                     kUnknownsMax);
}

bool has_logged_in_here(const Connection& connection, std::string_view user_id,
                        const Source& source, Timestamp now) {
  if (source.device && source.device->user_id == user_id) return true;
  return connection
      .select_one<std::string>(
          R"(SELECT "address" FROM "KnownAddress"
             WHERE "userId" = $1 AND "address" = $2 AND "lastLoginAt" > $3)",
          user_id, source.network, now - kKnownFor)
      .has_value();
}

}  // namespace

std::string Source::place(std::string_view user_id) const {
  if (device && device->user_id == user_id) return "device " + device->sid;
  return "address " + network;
}

std::optional<Timestamp> Standing::locked_until(Timestamp now) const {
  std::optional<Timestamp> end;
  if (here.is_locked(now)) end = here.locked_until;
  if (!is_known && everywhere.is_locked(now)) end = std::max(end, everywhere.locked_until);
  return end;
}

Attempts unknown_attempts(const Connection& connection, std::string_view email_hash,
                          bool lock_row) {
  static constexpr std::string_view kSql = R"(
      SELECT "failedLoginAttempts", "lockedUntil", "lastFailedLoginAt"
      FROM "UnknownLogin" WHERE "emailHash" = $1)";
  const std::string sql = std::string(kSql) + std::string(lock_row ? connection.row_lock() : "");
  const auto row =
      connection.select_one<std::int64_t, std::optional<Timestamp>, Timestamp>(sql, email_hash);
  if (!row) return {};
  const auto& [failed, locked_until, last] = *row;
  return {failed, locked_until, last};
}

Attempts lock_unknown_attempts(Connection& connection, std::string_view email_hash, Timestamp now) {
  connection.execute(R"(
      INSERT INTO "UnknownLogin" ("emailHash", "failedLoginAttempts", "lastFailedLoginAt")
      VALUES ($1, 0, $2) ON CONFLICT ("emailHash") DO NOTHING)",
                     email_hash, now);
  return unknown_attempts(connection, email_hash, true);
}

Standing find_standing(const Connection& connection, const Tried& tried, const Source& source,
                       Timestamp now) {
  return {attempts_here(connection, key_of(tried), source.place(tried.user_id)), tried.everywhere,
          has_logged_in_here(connection, tried.user_id, source, now)};
}

void count_failure(Connection& connection, const Tried& tried, const Source& source,
                   const Lockout& lockout, Timestamp now) {
  const std::string place = source.place(tried.user_id);
  const Attempts here = attempts_here(connection, key_of(tried), place);
  write_here(connection, tried, place, after_failure(here, lockout.attempts, lockout.lasts, now));
  write_everywhere(
      connection, tried,
      after_failure(tried.everywhere, lockout.attempts_everywhere(), lockout.lasts, now));
  forget_old(connection, lockout, now);
}

void clear_failures(Connection& connection, std::string_view user_id, const Source& source) {
  connection.execute(R"(DELETE FROM "FailedLogin" WHERE "account" = $1 AND "source" = $2)", user_id,
                     source.place(user_id));
}

void remember_place(Connection& connection, std::string_view user_id, const Source& source,
                    Timestamp now) {
  connection.execute(R"(
      INSERT INTO "KnownAddress" ("userId", "address", "lastLoginAt") VALUES ($1, $2, $3)
      ON CONFLICT ("userId", "address") DO UPDATE SET "lastLoginAt" = excluded."lastLoginAt")",
                     user_id, source.network, now);
  connection.execute(R"(
      DELETE FROM "KnownAddress" WHERE "userId" = $1 AND ("lastLoginAt" < $2 OR "address" IN (
        SELECT "address" FROM "KnownAddress" WHERE "userId" = $1
        ORDER BY "lastLoginAt" DESC, "address" LIMIT 1000 OFFSET $3)))",
                     user_id, now - kKnownFor, kKnownAddressesMax);
}

void unlock_account(Connection& connection, std::string_view user_id) {
  connection.execute(R"(
      UPDATE "User" SET "failedLoginAttempts" = 0, "lockedUntil" = NULL, "lastFailedLoginAt" = NULL
      WHERE "id" = $1)",
                     user_id);
  connection.execute(R"(DELETE FROM "FailedLogin" WHERE "userId" = $1)", user_id);
}

void forget_unknown(Connection& connection, std::string_view email_hash) {
  connection.execute(R"(DELETE FROM "UnknownLogin" WHERE "emailHash" = $1)", email_hash);
  connection.execute(R"(DELETE FROM "FailedLogin" WHERE "account" = $1)",
                     "unknown " + std::string(email_hash));
}

}  // namespace server::auth
