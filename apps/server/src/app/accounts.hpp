// The store and the slices that stand on it, built together: accounts, rooms, messages.
#pragma once

#include "app/config.hpp"
#include "app/secrets.hpp"
#include "auth/auth_routes.hpp"
#include "auth/auth_store.hpp"
#include "auth/login_cache.hpp"
#include "auth/password_pool.hpp"
#include "chat/chat_routes.hpp"
#include "chat/message_store.hpp"
#include "cluster/bus.hpp"
#include "db/database.hpp"
#include "db/migrations.hpp"
#include "room/room_routes.hpp"
#include "room/room_store.hpp"
#include "user/user_routes.hpp"
#include "user/user_store.hpp"

namespace server::app {

namespace net = boost::asio;

// In the order of construction. `bus` and `random` outlive it.
struct Accounts {
  // Connects and migrates nothing. Throws when the secrets cannot be had.
  Accounts(const Config& config, http::RateLimiter::Shared rates, cluster::Bus& bus,
           Random& random);

  http::Routes routes(bool secure_cookies, room::PeerCount peer_count);
  // Whether the database answers.
  net::awaitable<bool> is_store_up();

  http::RateLimiter limiter;
  db::Database database;
  auth::LoginTokens tokens;
  auth::PasswordPool passwords;
  auth::AuthStore auth_store;
  auth::LoginCache logins;
  auth::AuthService auth;
  user::UserStore user_store;
  user::UserService users;
  room::RoomStore room_store;
  room::RoomService rooms;
  chat::MessageStore message_store;
  chat::ChatService chat;
};

// DATABASE_URL as the database takes it; `config` has been checked. Makes the folder of an SQLite
// file that is not there.
db::DatabaseUrl database_url(const Config& config);

}  // namespace server::app
