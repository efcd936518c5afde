#include "user/user_admin_store.hpp"

#include "auth/account_rules.hpp"
#include "auth/account_sql.hpp"
#include "auth/bcrypt.hpp"
#include "auth/hash.hpp"
#include "auth/lockout_sql.hpp"
#include "base/text.hpp"
#include "db/ids.hpp"
#include "user/user_store.hpp"

namespace server::user {

http::Result<std::string> UserAdminStore::id_of(const std::string& email) {
  const auto id = connection_.select_one<std::string>(R"(
      SELECT "id" FROM "User" WHERE "emailKey" = $1 OR "email" = $2
      ORDER BY CASE WHEN "email" = $2 THEN 0 ELSE 1 END LIMIT 1)",
                                                      to_lower_ascii(email), email);
  if (!id) return http::fail(404, "USER_NOT_FOUND", "no account has the e-mail address " + email);
  return std::get<0>(*id);
}

http::Result<User> UserAdminStore::create(const std::string& email, const std::string& username,
                                          const std::string& password) {
  auth::AccountCheck check;
  check.email(email);
  check.username(username);
  check.password(password, email, username);
  if (auto valid = check.result(); !valid) return std::unexpected(valid.error());

  db::IdSource ids([this] { return now_; }, random_);
  User user{ids.next().id, to_lower_ascii(email), username, 0, now_, now_};
  const std::string hash = auth::bcrypt(password, auth::make_bcrypt_setting(rounds_, random_));
  const auth::Taken taken = connection_.transaction([&] {
    return auth::insert_account(connection_, {user.id, user.email, username, hash}, now_);
  });
  if (taken == auth::Taken::Email) {
    return http::fail(409, "EMAIL_TAKEN", "another account has this e-mail address");
  }
  if (taken == auth::Taken::Username) {
    return http::fail(409, "USERNAME_TAKEN",
                      "another account has this username, or one that looks like it");
  }
  return user;
}

std::vector<ListedUser> UserAdminStore::list(const std::string& after_email, int limit) {
  using db::Timestamp;
  std::vector<ListedUser> users;
  for (auto& row : connection_.select<std::string, std::string, std::string, std::int64_t,
                                      Timestamp, Timestamp, bool>(R"(
           SELECT "id", "email", "username", "tokenVersion", "createdAt", "updatedAt",
                  CASE WHEN "lockedUntil" > $1 OR EXISTS (
                    SELECT 1 FROM "FailedLogin" f WHERE f."userId" = "User"."id"
                    AND f."lockedUntil" > $1) THEN 1 ELSE 0 END
           FROM "User" WHERE "email" > $2 ORDER BY "email" LIMIT $3)",
                                                                  now_, after_email, limit)) {
    auto& [id, email, username, version, created, updated, is_locked] = row;
    users.push_back(
        {{std::move(id), std::move(email), std::move(username), version, created, updated},
         is_locked});
  }
  return users;
}

http::Result<void> UserAdminStore::unlock(const std::string& email) {
  const auto id = id_of(email);
  if (!id) return std::unexpected(id.error());
  connection_.transaction([&] { auth::unlock_account(connection_, *id); });
  return {};
}

http::Result<void> UserAdminStore::remove(const std::string& email) {
  const auto id = id_of(email);
  if (!id) return std::unexpected(id.error());
  connection_.transaction([&] { remove_account(connection_, *id); });
  return {};
}

http::Result<void> UserAdminStore::set_password(const std::string& email,
                                                const std::string& password) {
  const auto id = id_of(email);
  if (!id) return std::unexpected(id.error());
  const auto account = auth::find_account(connection_, *id, false);
  auth::AccountCheck check;
  check.password(password, account ? account->user.email : email,
                 account ? account->user.username : "");
  if (auto valid = check.result(); !valid) return valid;
  const std::string hash = auth::bcrypt(password, auth::make_bcrypt_setting(rounds_, random_));
  connection_.transaction([&] {
    connection_.execute(R"(
        UPDATE "User" SET "passwordHash" = $1, "tokenVersion" = "tokenVersion" + 1,
                          "refreshTokenHash" = NULL, "updatedAt" = $2
        WHERE "id" = $3)",
                        hash, now_, *id);
    auth::unlock_account(connection_, *id);
    auth::end_other_logins(connection_, *id, "");
  });
  return {};
}

}  // namespace server::user
