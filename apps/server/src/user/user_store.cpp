#include "user/user_store.hpp"

#include "base/display_name.hpp"
#include "base/text.hpp"

namespace server::user {
namespace {

using db::Connection;

UserStore::Changed change_account(Connection& connection, const std::string& user_id,
                                  const UserStore::Change& change, const auth::Rotation& rotation) {
  const auto account = auth::find_account(connection, user_id, true);
  if (!account || !auth::has_login(connection, user_id, rotation.sid, rotation.now)) return {};
  User user = account->user;
  user.username = change.username.value_or(user.username);
  user.email = change.email.value_or(user.email);
  user.updated_at = rotation.now;
  if (change.is_confirmed) ++user.token_version;

  UserStore::Changed changed;
  changed.taken = auth::find_taken(connection, change.email.value_or(""),
                                   change.username.value_or(""), user_id);
  if (changed.taken != auth::Taken::Nothing) return changed;

  if (change.username) {
    connection.execute(R"(
        UPDATE "User" SET "username" = $1, "usernameKey" = $2, "usernameSkeleton" = $3
        WHERE "id" = $4)",
                       user.username, to_lower_ascii(user.username), name_skeleton(user.username),
                       user_id);
  }
  if (change.email) {
    connection.execute(R"(UPDATE "User" SET "email" = $1, "emailKey" = $2 WHERE "id" = $3)",
                       user.email, user.email, user_id);
  }
  if (change.password_hash) {
    connection.execute(R"(UPDATE "User" SET "passwordHash" = $1 WHERE "id" = $2)",
                       *change.password_hash, user_id);
  }
  connection.execute(R"(UPDATE "User" SET "tokenVersion" = $1, "updatedAt" = $2 WHERE "id" = $3)",
                     user.token_version, user.updated_at, user_id);
  if (change.is_confirmed) {
    auth::end_other_logins(connection, user_id, rotation.sid);
    changed.previous_hash = auth::rotate_login(connection, rotation);
  }
  changed.user = std::move(user);
  return changed;
}

}  // namespace

UserStore::Removed remove_account(Connection& connection, std::string_view user_id) {
  UserStore::Removed removed;
  if (!auth::find_account(connection, user_id, true)) return removed;
  removed.existed = true;
  const std::string rooms_sql =
      R"(SELECT "id" FROM "Room" WHERE "hostId" = $1)" + std::string(connection.row_lock());
  for (auto& [id] : connection.select<std::string>(rooms_sql, user_id)) {
    removed.room_ids.push_back(std::move(id));
  }
  connection.execute(
      R"(DELETE FROM "Message" WHERE "roomId" IN (SELECT "id" FROM "Room" WHERE "hostId" = $1))",
      user_id);
  connection.execute(R"(DELETE FROM "Message" WHERE "userId" = $1)", user_id);
  connection.execute(R"(DELETE FROM "Room" WHERE "hostId" = $1)", user_id);
  connection.execute(R"(DELETE FROM "User" WHERE "id" = $1)", user_id);
  return removed;
}

net::awaitable<db::Outcome<std::optional<User>>> UserStore::find(std::string id) {
  auto work = [id = std::move(id)](const Connection& connection) -> std::optional<User> {
    auto account = auth::find_account(connection, id, false);
    if (!account) return std::nullopt;
    return std::move(account->user);
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<UserStore::Changed>> UserStore::change(std::string user_id,
                                                                  Change change,
                                                                  auth::Rotation rotation) {
  auto work = [user_id = std::move(user_id), change = std::move(change),
               rotation = std::move(rotation)](Connection& connection) {
    const auto once = [&] {
      return connection.transaction(
          [&] { return change_account(connection, user_id, change, rotation); });
    };
    try {
      return once();
    } catch (const db::DbException& error) {
      if (error.error().kind != db::DbError::Kind::Conflict) throw;
      return once();  // somebody took the name between look and leap: now the look finds it
    }
  };
  co_return co_await database_.run(std::move(work));
}

net::awaitable<db::Outcome<UserStore::Removed>> UserStore::remove(std::string user_id) {
  auto work = [user_id = std::move(user_id)](Connection& connection) {
    return connection.transaction([&] { return remove_account(connection, user_id); });
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace server::user
