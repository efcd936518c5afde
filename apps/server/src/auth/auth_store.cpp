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

// Locks the account's row and forgets the failures of the source, if all is as it was when the
// password was checked: the source not locked out, and the same password.
AuthStore::Begun pass(Connection& connection, const Account& account, const Source& source,
                      Timestamp now) {
  using Status = AuthStore::Begun::Status;
  auto current = find_account(connection, account.user.id, true);
  if (!current || current->password_hash != account.password_hash)
    return {Status::Changed, {}, {}, {}};
  const Standing standing =
      find_standing(connection, {account.user.id, {}, current->attempts}, source, now);
  if (standing.locked_until(now)) return {Status::Locked, standing, {}, {}};
  auth::clear_failures(connection, account.user.id, source);
  return {Status::Good, {}, std::move(current->user), {}};
}

}  // namespace

net::awaitable<db::Outcome<Taken>> AuthStore::insert(NewUser user, NewLogin login, Source source) {
  auto work = [user = std::move(user), login = std::move(login),
               source = std::move(source)](Connection& connection) {
    return connection.transaction([&] {
      const Taken taken = insert_account(connection, user, login.now);
      if (taken != Taken::Nothing) return taken;
      insert_login(connection, user.id, login);
      remember_place(connection, user.id, source, login.now);
      return Taken::Nothing;
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Found>> AuthStore::find(std::string email, Source source,
                                                              Timestamp now) {
  auto work = [email = std::move(email), source = std::move(source),
               now](const Connection& connection) {
    const std::string key = to_lower_ascii(email);
    // Accounts adopted from Prisma may differ in case alone: the one written so goes first.
    const auto id = connection.select_one<std::string>(R"(
        SELECT "id" FROM "User" WHERE "emailKey" = $1 OR "email" = $2
        ORDER BY CASE WHEN "email" = $2 THEN 0 ELSE 1 END LIMIT 1)",
                                                       key, email);
    Found found;
    if (id) found.account = find_account(connection, std::get<0>(*id), false);
    Tried tried;
    if (found.account) {
      tried = {found.account->user.id, {}, found.account->attempts};
    } else {
      const std::string hash = sha256_hex(key);
      tried = {{}, hash, unknown_attempts(connection, hash)};
    }
    found.standing = find_standing(connection, tried, source, now);
    return found;
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Found>> AuthStore::find_by_id(std::string user_id,
                                                                    Source source, Timestamp now) {
  auto work = [user_id = std::move(user_id), source = std::move(source),
               now](const Connection& connection) {
    Found found{find_account(connection, user_id, false), {}};
    if (found.account) {
      found.standing =
          find_standing(connection, {user_id, {}, found.account->attempts}, source, now);
    }
    return found;
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<AuthStore::Begun>> AuthStore::begin_login(
    Account account, NewLogin login, std::optional<std::string> new_hash, Source source) {
  auto work = [account = std::move(account), login = std::move(login),
               new_hash = std::move(new_hash), source = std::move(source)](Connection& connection) {
    return connection.transaction([&] {
      Begun begun = pass(connection, account, source, login.now);
      if (begun.status != Begun::Status::Good) return begun;
      insert_login(connection, begun.user.id, login);
      remember_place(connection, begun.user.id, source, login.now);
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
                                                                        Source source,
                                                                        Timestamp now) {
  auto work = [account = std::move(account), source = std::move(source),
               now](Connection& connection) {
    return connection.transaction([&] { return pass(connection, account, source, now); });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<Standing>> AuthStore::count_failure(std::string user_id, Source source,
                                                               Lockout lockout, Timestamp now) {
  auto work = [user_id = std::move(user_id), source = std::move(source), lockout,
               now](Connection& connection) {
    return connection.transaction([&] {
      const auto account = find_account(connection, user_id, true);
      if (!account) return Standing{};
      const Tried tried{user_id, {}, account->attempts};
      const Standing before = find_standing(connection, tried, source, now);
      if (!before.locked_until(now)) auth::count_failure(connection, tried, source, lockout, now);
      return before;
    });
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<Standing>> AuthStore::count_unknown(std::string email, Source source,
                                                               Lockout lockout, Timestamp now) {
  auto work = [email_hash = sha256_hex(to_lower_ascii(email)), source = std::move(source), lockout,
               now](Connection& connection) {
    return connection.transaction([&] {
      const Tried tried{{}, email_hash, lock_unknown_attempts(connection, email_hash, now)};
      const Standing before = find_standing(connection, tried, source, now);
      if (!before.locked_until(now)) auth::count_failure(connection, tried, source, lockout, now);
      return before;
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
        return Refreshed{Status::Rotated, rotation.now, rotation.successor_hash(newest),
                         account->user};
      }
      const bool is_previous = previous && equal_in_constant_time(presented.token_hash, *previous);
      const bool same_client = client && equal_in_constant_time(*client, rotation.client.hash);
      if (is_previous && same_client && rotation.now < rotated_at + grace) {
        return Refreshed{Status::Repeated, rotated_at, newest, account->user};
      }
      end_other_logins(connection, presented.user_id, "");
      connection.execute(R"(
          UPDATE "User" SET "tokenVersion" = "tokenVersion" + 1, "refreshTokenHash" = NULL
          WHERE "id" = $1)",
                         presented.user_id);
      return Refreshed{Status::Theft, rotation.now, {}, account->user};
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
  auto work = [user_id = std::move(user_id), now](const Connection& connection) {
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
               now](const Connection& connection) -> std::optional<user::User> {
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
  auto work = [sids = std::move(sids), now](const Connection& connection) {
    return db::missing_rows(connection, "LoginFamily", sids,
                            R"(t."createdAt" > $2 AND t."rotatedAt" > $3)", now - kLoginLife,
                            now - kRefreshLife);
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace server::auth
