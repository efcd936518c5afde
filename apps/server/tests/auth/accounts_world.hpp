// The accounts' part of a server on a real database, asked as its router is asked: everything but
// sockets. Several worlds on one database are several servers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "../db/test_database.hpp"
#include "auth/auth_routes.hpp"
#include "auth/login_cache.hpp"
#include "auth/password_pool.hpp"
#include "chat/chat_routes.hpp"
#include "chat/message_store.hpp"
#include "cluster/bus.hpp"
#include "http/rate_limiter.hpp"
#include "http/router.hpp"
#include "room/room_routes.hpp"
#include "room/room_store.hpp"
#include "user/user_routes.hpp"
#include "user/user_store.hpp"

namespace server::testing {

namespace net = boost::asio;

inline constexpr std::string_view kAccessSecret = "access secret of the tests, 32 bytes or more";
inline constexpr std::string_view kRefreshSecret = "refresh secret of the tests, 32 bytes or more";

// What a client keeps and says of itself.
struct Browser {
  std::string address = "192.0.2.1";
  std::string user_agent = "test";
  std::map<std::string, std::string> cookies;

  // Takes the cookies of an answer, and drops those that it clears.
  void take(const http::Response& response);
};

// An answer, decoded.
struct Answer {
  unsigned status = 0;
  boost::json::value body;
  http::Response response;

  std::string code() const;
  std::string text(std::string_view pointer) const;  // "/user/id"
  std::string header(std::string_view name) const;   // the first one; empty when absent
};

struct WorldOptions {
  bool rate_limit = false;
  int bcrypt_rounds = 4;
  std::size_t password_threads = 2;
  std::size_t password_waiting_max = 100'000;
  int connections = 4;
  std::chrono::milliseconds database_deadline{20'000};
  bool secure_cookies = false;
  auth::TokenSecrets secrets{std::string(kAccessSecret), std::string(kRefreshSecret), {}, {}};
  http::RateLimiter::Shared shared_rates;
};

// The body of a registration.
inline boost::json::value account(std::string_view email, std::string_view username,
                                  std::string_view password) {
  return {{"email", email}, {"username", username}, {"password", password}};
}

class AccountsWorld {
 public:
  // Migrates the database.
  explicit AccountsWorld(const db::DatabaseUrl& url, WorldOptions options = {});

  static http::Request make_request(http::Method method, std::string path, std::string body,
                                    const Browser& browser);

  Answer ask(http::Request request);
  // All at once; the answers in the order of the requests.
  std::vector<Answer> ask_all(std::vector<http::Request> requests);

  Answer get(const std::string& path, const Browser& browser);
  Answer post(const std::string& path, const boost::json::value& body, Browser& browser);
  Answer patch(const std::string& path, const boost::json::value& body, Browser& browser);
  Answer remove(const std::string& path, const boost::json::value& body, Browser& browser);

  // Registers "<name>@example.com" with kPassword and stays logged in.
  Browser registered(const std::string& name);
  Answer login(const std::string& email, const std::string& password, Browser& browser);

  // Runs one coroutine to its end.
  template <class T>
  T run(net::awaitable<T> work) {
    std::optional<T> result;
    net::co_spawn(io, keep(std::move(work), result), rethrow);
    io.restart();
    io.run();
    return std::move(*result);
  }

  static constexpr std::string_view kPassword = "a fine password 1";

  db::Timestamp now = db::system_now();
  Instant instant;  // of the rate limiter and the login cache
  std::vector<cluster::Event> events;

  net::io_context io;
  SecureRandom random;
  cluster::Bus bus;
  db::Database database;
  http::RateLimiter limiter;
  auth::LoginTokens tokens;
  auth::AuthStore auth_store{database};
  auth::LoginCache logins;
  auth::PasswordPool passwords;
  auth::AuthService auth;
  user::UserStore user_store{database};
  user::UserService users;
  room::RoomStore room_store{database};
  room::RoomService rooms;
  chat::MessageStore message_store{database};
  chat::ChatService chat;
  http::Router router;

 private:
  template <class T>
  static net::awaitable<void> keep(net::awaitable<T> work, std::optional<T>& result) {
    result = co_await std::move(work);
  }
  static void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  }
};

}  // namespace server::testing
