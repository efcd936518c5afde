#include "auth/auth_store.hpp"

#include "auth/hash.hpp"
#include "auth/login_tokens.hpp"
#include "base/text.hpp"
#include "db/missing_rows.hpp"

namespace server::auth {
namespace {

using db::Connection;
using db::Timestamp;

void insert_login(Connection& connection, std::string_view user_id, const NewLogin& login) {
  connection.execute(R"(
      INSERT INTO "LoginFamily" ("id", "userId", "tokenHash", "client", "address", "userAgent",
                                 "createdAt", "rotatedAt")
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8))",
                     login.sid, user_id, login.token_hash, login.client.hash, login.client.address,
                     login.client.user_agent, login.now, login.now);
  connection.execute(R"(UPDATE "User" SET "refreshTokenHash" = $1 WHERE "id" = $2)",
                     login.token_hash, user_id);
  connection.execute(R"(DELETE FROM "LoginFamily" WHERE "rotatedAt" < $1)",
                     login.now - kRefreshLife);
  connection.execute(R"(DELETE FROM "LoginFamily" WHERE "createdAt" < $1)", login.now - kLoginLife);
}

// Makes room for a user's newest login; returns the logins that went.
std::vector<std::string> end_surplus_logins(Connection& connection, std::string_view user_id) {
  std::vector<std::string> sids;
  for (auto& [sid] : connection.select<std::string>(
           R"(DELETE FROM "LoginFamily" WHERE "id" IN (
                SELECT "id" FROM "LoginFamily" WHERE "userId" = $1
                ORDER BY "rotatedAt" DESC, "id" DESC LIMIT 1000 OFFSET $2) RETURNING "id")",
           user_id, AuthStore::kLoginsPerUserMax)) {
    sids.push_back(std::move(sid));
  }
  return sids;
}

// One more failure. Failures that lie further back than a lockout lasts are forgotten; a lock is
// not made longer by more failures.
Attempts after_failure(Attempts attempts, const Lockout& lockout, Timestamp now) {
  if (attempts.is_locked(now)) return attempts;
  const bool forgotten = attempts.locked_until || !attempts.last_failed_at ||
                         *attempts.last_failed_at + lockout.lasts <= now;
  attempts.failed = forgotten ? 1 : attempts.failed + 1;
  attempts.last_failed_at = now;
  attempts.locked_until.reset();
  if (attempts.failed >= lockout.attempts) attempts.locked_until = now + lockout.lasts;
  return attempts;
}

Attempts unknown_attempts(Connection& connection, std::string_view email_hash, bool lock_row) {
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

// Kept bounded; done for every failure, so that known and unknown e-mails cost the same.
void forget_old_unknowns(Connection& connection, const Lockout& lockout, Timestamp now) {
  connection.execute(R"(
      DELETE FROM "UnknownLogin"
      WHERE "lastFailedLoginAt" < $1 AND ("lockedUntil" IS NULL OR "lockedUntil" < $2))",
                     now - lockout.lasts, now);
  connection.execute(R"(
      DELETE FROM "UnknownLogin" WHERE "emailHash" IN (
        SELECT "emailHash" FROM "UnknownLogin"
        ORDER BY "lastFailedLoginAt" DESC LIMIT 1000 OFFSET $1))",
                     AuthStore::kUnknownLoginsMax);
}

// Locks the account's row and forgets its failures, if it is as it was when the password was
// checked: not locked, and with the same password.
AuthStore::Begun pass(Connection& connection, const Account& account, Timestamp now) {
  using Status = AuthStore::Begun::Status;
  auto current = find_account(connection, account.user.id, true);
  if (!current || current->password_hash != account.password_hash)
    return {Status::Changed, {}, {}, {}};
  if (current->attempts.is_locked(now)) return {Status::Locked, current->attempts, {}, {}};
  if (current->attempts.failed > 0 || current->attempts.locked_until) {
    connection.execute(R"(
        UPDATE "User" SET "failedLoginAttempts" = 0, "lockedUntil" = NULL,
                          "lastFailedLoginAt" = NULL WHERE "id" = $1)",
                       account.user.id);
  }
  return {Status::Good, {}, std::move(current->user), {}};
}

}  // namespace

net::awaitable<db::Outcome<Taken>> AuthStore::insert(NewUser user, NewLogin login) {
  auto work = [user = std::move(user), login = std::move(login)](Connection& connection) {
    return connection.transaction([&] {
      const Taken taken = insert_account(connection, user, login.now);
      if (taken != Taken::Nothing) return taken;
      insert_login(connection, user.id, login);
      return Taken::Nothing;
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Found>> AuthStore::find(std::string email) {
  auto work = [email = std::move(email)](Connection& connection) {
    const std::string key = to_lower_ascii(email);
    // Accounts adopted from Prisma may differ in case alone: the one written so goes first.
    const auto id = connection.select_one<std::string>(R"(
        SELECT "id" FROM "User" WHERE "emailKey" = $1 OR "email" = $2
        ORDER BY CASE WHEN "email" = $2 THEN 0 ELSE 1 END LIMIT 1)",
                                                       key, email);
    Found found;
    if (id) found.account = find_account(connection, std::get<0>(*id), false);
    found.attempts = found.account ? found.account->attempts
                                   : unknown_attempts(connection, sha256_hex(key), false);
    return found;
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<Account>>> AuthStore::find_by_id(std::string user_id) {
  auto work = [user_id = std::move(user_id)](Connection& connection) {
    return find_account(connection, user_id, false);
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Begun>> AuthStore::begin_login(
    Account account, NewLogin login, std::optional<std::string> new_hash) {
  auto work = [account = std::move(account), login = std::move(login),
               new_hash = std::move(new_hash)](Connection& connection) {
    return connection.transaction([&] {
      Begun begun = pass(connection, account, login.now);
      if (begun.status != Begun::Status::Good) return begun;
      insert_login(connection, begun.user.id, login);
      begun.ended_sids = end_surplus_logins(connection, begun.user.id);
      if (new_hash) {
        connection.execute(R"(UPDATE "User" SET "passwordHash" = $1 WHERE "id" = $2)", *new_hash,
                           begun.user.id);
      }
      return begun;
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Begun>> AuthStore::clear_failures(Account account,
                                                                        Timestamp now) {
  auto work = [account = std::move(account), now](Connection& connection) {
    return connection.transaction([&] { return pass(connection, account, now); });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Counted>> AuthStore::count_failure(std::string user_id,
                                                                         Lockout lockout,
                                                                         Timestamp now) {
  auto work = [user_id = std::move(user_id), lockout, now](Connection& connection) {
    return connection.transaction([&] {
      const auto account = find_account(connection, user_id, true);
      if (!account) return Counted{};
      const Attempts& before = account->attempts;
      const Attempts after = after_failure(before, lockout, now);
      connection.execute(R"(
          UPDATE "User" SET "failedLoginAttempts" = $1, "lockedUntil" = $2,
                            "lastFailedLoginAt" = $3 WHERE "id" = $4)",
                         after.failed, after.locked_until, after.last_failed_at, user_id);
      forget_old_unknowns(connection, lockout, now);
      return Counted{after, before.is_locked(now)};
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Counted>> AuthStore::count_unknown(std::string email,
                                                                         Lockout lockout,
                                                                         Timestamp now) {
  auto work = [email_hash = sha256_hex(to_lower_ascii(email)), lockout,
               now](Connection& connection) {
    return connection.transaction([&] {
      // The row is there before it is read, so that those who come at once wait for each other.
      connection.execute(R"(
          INSERT INTO "UnknownLogin" ("emailHash", "failedLoginAttempts", "lastFailedLoginAt")
          VALUES ($1, 0, $2) ON CONFLICT ("emailHash") DO NOTHING)",
                         email_hash, now);
      const Attempts before = unknown_attempts(connection, email_hash, true);
      const Attempts after = after_failure(before, lockout, now);
      connection.execute(R"(
          UPDATE "UnknownLogin" SET "failedLoginAttempts" = $1, "lockedUntil" = $2,
                                    "lastFailedLoginAt" = $3 WHERE "emailHash" = $4)",
                         after.failed, after.locked_until, after.last_failed_at, email_hash);
      forget_old_unknowns(connection, lockout, now);
      return Counted{after, before.is_locked(now)};
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Refreshed>> AuthStore::refresh(
    Presented presented, Rotation rotation, std::chrono::milliseconds grace) {
  auto work = [presented = std::move(presented), rotation = std::move(rotation),
               grace](Connection& connection) {
    return connection.transaction([&] {
      using Status = Refreshed::Status;
      // Whoever changes logins locks the user first: nobody waits for each other in a ring.
      const auto account = find_account(connection, presented.user_id, true);
      constexpr std::string_view sql =
          R"(SELECT "tokenHash", "previousHash", "client", "rotatedAt"
             FROM "LoginFamily" WHERE "id" = $1 AND "userId" = $2 AND "createdAt" > $3)";
      const auto row = connection.select_one<std::string, std::optional<std::string>,
                                             std::optional<std::string>, Timestamp>(
          sql, rotation.sid, presented.user_id, rotation.now - kLoginLife);
      if (!row || !account) return Refreshed{};
      const auto& [newest, previous, client, rotated_at] = *row;

      if (equal_in_constant_time(presented.token_hash, newest)) {
        rotate_login(connection, rotation);
        return Refreshed{Status::Rotated, rotation.now, account->user};
      }
      const bool is_previous = previous && equal_in_constant_time(presented.token_hash, *previous);
      const bool same_client = client && equal_in_constant_time(*client, rotation.client.hash);
      if (is_previous && same_client && rotation.now < rotated_at + grace) {
        return Refreshed{Status::Repeated, rotated_at, account->user};
      }
      end_other_logins(connection, presented.user_id, "");
      connection.execute(R"(
          UPDATE "User" SET "tokenVersion" = "tokenVersion" + 1, "refreshTokenHash" = NULL
          WHERE "id" = $1)",
                         presented.user_id);
      return Refreshed{Status::Theft, rotation.now, account->user};
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<bool>> AuthStore::end_login(std::string user_id, std::string sid) {
  auto work = [user_id = std::move(user_id), sid = std::move(sid)](Connection& connection) {
    return connection.transaction([&] {
      if (!find_account(connection, user_id, true)) return false;
      const auto ended = connection.select_one<std::string>(
          R"(DELETE FROM "LoginFamily" WHERE "id" = $1 AND "userId" = $2 RETURNING "tokenHash")",
          sid, user_id);
      if (!ended) return false;
      connection.execute(R"(
          UPDATE "User" SET "refreshTokenHash" = NULL WHERE "id" = $1 AND "refreshTokenHash" = $2)",
                         user_id, std::get<0>(*ended));
      return true;
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<bool>> AuthStore::end_others(std::string user_id, std::string sid,
                                                        Timestamp now) {
  auto work = [user_id = std::move(user_id), sid = std::move(sid), now](Connection& connection) {
    return connection.transaction([&] {
      if (!find_account(connection, user_id, true)) return false;
      if (!has_login(connection, user_id, sid, now)) return false;
      end_other_logins(connection, user_id, sid);
      connection.execute(R"(
          UPDATE "User" SET "refreshTokenHash" = (SELECT "tokenHash" FROM "LoginFamily"
                                                  WHERE "id" = $1) WHERE "id" = $2)",
                         sid, user_id);
      return true;
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::vector<Session>>> AuthStore::list_logins(std::string user_id,
                                                                         Timestamp now) {
  auto work = [user_id = std::move(user_id), now](Connection& connection) {
    std::vector<Session> sessions;
    for (auto& row : connection.select<std::string, Timestamp, Timestamp,
                                       std::optional<std::string>, std::optional<std::string>>(
             R"(SELECT "id", "createdAt", "rotatedAt", "address", "userAgent" FROM "LoginFamily"
                WHERE "userId" = $1 AND "createdAt" > $2 AND "rotatedAt" > $3
                ORDER BY "rotatedAt" DESC, "id" DESC LIMIT $4)",
             user_id, now - kLoginLife, now - kRefreshLife, kLoginsPerUserMax)) {
      auto& [sid, created_at, rotated_at, address, user_agent] = row;
      sessions.push_back(
          {std::move(sid), created_at, rotated_at, std::move(address), std::move(user_agent)});
    }
    return sessions;
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::optional<user::User>>> AuthStore::find_login(std::string user_id,
                                                                             std::string sid,
                                                                             Timestamp now) {
  auto work = [user_id = std::move(user_id), sid = std::move(sid),
               now](Connection& connection) -> std::optional<user::User> {
    auto row = connection.select_one<std::string, std::string, std::string, std::int64_t, Timestamp,
                                     Timestamp>(R"(
        SELECT u."id", u."email", u."username", u."tokenVersion", u."createdAt", u."updatedAt"
        FROM "LoginFamily" f JOIN "User" u ON u."id" = f."userId"
        WHERE f."id" = $1 AND f."userId" = $2 AND f."createdAt" > $3)",
                                                sid, user_id, now - kLoginLife);
    if (!row) return std::nullopt;
    auto& [id, email, username, version, created, updated] = *row;
    return user::User{std::move(id), std::move(email), std::move(username),
                      version,       created,          updated};
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<std::vector<std::string>>> AuthStore::find_ended(
    std::vector<std::string> sids, Timestamp now) {
  auto work = [sids = std::move(sids), now](Connection& connection) {
    return db::missing_rows(connection, "LoginFamily", sids,
                            R"(t."createdAt" > $2 AND t."rotatedAt" > $3)", now - kLoginLife,
                            now - kRefreshLife);
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace server::auth
