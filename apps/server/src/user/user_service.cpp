#include "user/user_service.hpp"

#include "auth/account_rules.hpp"
#include "auth/login_cache.hpp"
#include "base/text.hpp"
#include "db/ids.hpp"
#include "user/user_store.hpp"

namespace server::user {
namespace {

http::ApiError gone() { return {401, "UNAUTHORIZED", "Log in first.", {}, {}}; }

// What the change would make of the account must be allowed, all mistakes at once.
http::Result<void> check(const http::Principal& who, const ProfileChange& change) {
  const bool is_sensitive = change.email || change.password;
  const std::string& email = change.email ? *change.email : who.email;
  const std::string& username = change.username ? *change.username : who.username;
  auth::AccountCheck check;
  if (!is_sensitive && !change.username) {
    check.refuse("", "name at least one of username, email and password");
  }
  if (change.email) check.email(email);
  if (change.username) check.username(username);
  if (change.password) check.password(*change.password, email, username);
  if (is_sensitive && !change.current_password) {
    check.refuse("currentPassword", "is required to change e-mail or password");
  }
  return check.result();
}

}  // namespace

net::awaitable<http::Result<User>> UserService::me(http::Principal who) {
  auto user = co_await parts_.logins.find(std::move(who.user_id), std::move(who.sid));
  if (!user) co_return std::unexpected(std::move(user.error()));
  if (!*user) co_return std::unexpected(gone());
  co_return std::move(**user);
}

net::awaitable<http::Result<User>> UserService::find(std::string id) {
  if (!db::is_id(id)) co_return http::fail(404, "USER_NOT_FOUND", "There is no such user.");
  auto user = co_await parts_.store.find(std::move(id));
  if (!user) co_return std::unexpected(db::to_api_error(user.error()));
  if (!*user) co_return http::fail(404, "USER_NOT_FOUND", "There is no such user.");
  co_return std::move(**user);
}

net::awaitable<http::Result<Changed>> UserService::change(http::Principal who, ProfileChange change,
                                                          auth::Client client) {
  if (auto allowed = check(who, change); !allowed) co_return std::unexpected(allowed.error());
  const bool is_sensitive = change.email || change.password;
  if (is_sensitive) {
    const auto confirmed =
        co_await parts_.auth.confirm_password(who, std::move(*change.current_password));
    if (!confirmed) co_return std::unexpected(confirmed.error());
  }
  UserStore::Change row{std::move(change.username), std::move(change.email), {}, is_sensitive};
  if (row.email) row.email = to_lower_ascii(*row.email);
  if (change.password) {
    auto hash = co_await parts_.auth.hash_password(std::move(*change.password));
    if (!hash) co_return std::unexpected(hash.error());
    row.password_hash = std::move(*hash);
  }

  const auth::Rotation rotation = parts_.auth.rotation_of(who, client);
  auto changed = co_await parts_.store.change(who.user_id, std::move(row), rotation);
  if (!changed) co_return std::unexpected(db::to_api_error(changed.error()));
  if (changed->taken == auth::Taken::Email) {
    co_return http::fail(409, "EMAIL_TAKEN", "Another account has this e-mail address.");
  }
  if (changed->taken == auth::Taken::Username) {
    co_return http::fail(409, "USERNAME_TAKEN",
                         "Another account has this username, or one that looks like it.");
  }
  if (!changed->user) co_return std::unexpected(gone());

  parts_.logins.forget_user(who.user_id);
  if (changed->user->username != who.username) {
    parts_.bus.publish(cluster::UserRenamed{who.user_id, changed->user->username});
  }
  if (is_sensitive) parts_.bus.publish(cluster::LoginEnded{who.user_id, {}, who.sid});
  Changed result{std::move(*changed->user), std::nullopt};
  if (changed->previous_hash) {
    result.tokens = parts_.auth.tokens_after(rotation, result.user, *changed->previous_hash);
  }
  co_return result;
}

net::awaitable<http::Result<void>> UserService::remove(http::Principal who,
                                                       std::string current_password) {
  const auto confirmed = co_await parts_.auth.confirm_password(who, std::move(current_password));
  if (!confirmed) co_return std::unexpected(confirmed.error());
  auto removed = co_await parts_.store.remove(who.user_id);
  if (!removed) co_return std::unexpected(db::to_api_error(removed.error()));
  if (!removed->existed) co_return std::unexpected(gone());
  parts_.bus.publish(cluster::LoginEnded{who.user_id, {}, {}});
  for (std::string& id : removed->room_ids) {
    parts_.bus.publish(cluster::RoomDeleted{std::move(id)});
  }
  co_return http::Result<void>{};
}

}  // namespace server::user
