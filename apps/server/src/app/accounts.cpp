#include "app/accounts.hpp"

#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "auth/session_routes.hpp"
#include "http/session.hpp"

namespace server::app {

namespace {

auth::LoginTokens login_tokens(const Config& config, Random& random) {
  JwtSecrets secrets{config.jwt_access_secret, config.jwt_refresh_secret};
  if (secrets.access.empty()) secrets = load_or_make_secrets("data/secrets", random);
  return auth::LoginTokens({secrets.access, secrets.refresh, config.jwt_access_secret_previous,
                            config.jwt_refresh_secret_previous});
}

auth::AuthRules auth_rules(const Config& config) {
  return {.lockout = {.attempts = config.lockout_attempts, .lasts = config.lockout}};
}

void append(http::Routes& routes, http::Routes more) {
  std::ranges::move(more, std::back_inserter(routes));
}

}  // namespace

db::DatabaseUrl database_url(const Config& config) {
  auto url = db::DatabaseUrl::parse(config.database_url);
  if (!url) throw std::runtime_error("DATABASE_URL: " + url.error());
  if (url->kind == db::DatabaseUrl::Kind::Sqlite) {
    const auto folder = std::filesystem::path(url->target).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
  }
  return *std::move(url);
}

Accounts::Accounts(const Config& config, http::RateLimiter::Shared rates, cluster::Bus& bus,
                   Random& random)
    : limiter(config.rate_limit, http::steady_now, std::move(rates)),
      database({.url = database_url(config), .connections = config.database_pool}),
      tokens(login_tokens(config, random)),
      passwords({.rounds = config.bcrypt_rounds,
                 .threads = std::max(1U, std::thread::hardware_concurrency())},
                random),
      auth_store(database),
      logins(auth_store, bus, http::steady_now, db::system_now),
      auth({auth_store, logins, passwords, tokens, bus, random}, auth_rules(config),
           db::system_now),
      user_store(database),
      users({user_store, auth, logins, bus}),
      room_store(database),
      rooms(room_store, bus, db::system_now, random),
      message_store(database),
      chat(message_store, db::system_now, random, {.has_rates = config.rate_limit}) {}

http::Routes Accounts::routes(bool secure_cookies, room::PeerCount peer_count) {
  const auth::CookieRules cookies{.secure = secure_cookies};
  http::Routes all = auth::auth_routes(auth, limiter, cookies);
  append(all, auth::session_routes(auth, cookies));
  append(all, user::user_routes(users, cookies));
  append(all, room::room_routes(rooms, limiter, std::move(peer_count)));
  append(all, chat::chat_routes(chat, rooms));
  return all;
}

net::awaitable<bool> Accounts::is_store_up() {
  const auto answer = co_await database.run(
      [](const db::Connection& connection) { return db::schema_version(connection); });
  co_return answer.has_value();
}

}  // namespace server::app
