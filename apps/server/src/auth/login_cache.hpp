// The logins in use, so that a request with a good token costs no query.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "auth/auth_store.hpp"
#include "base/time.hpp"
#include "cluster/bus.hpp"
#include "http/api_error.hpp"

namespace server::auth {

// Believes what it read for one second, and less when the bus tells of a change: a login that
// another process ended without the bus is over within that second. Control thread only.
class LoginCache {
 public:
  static constexpr Duration kBelieved = std::chrono::seconds(1);
  static constexpr std::size_t kEntriesMax = 50'000;

  using Now = std::function<Instant()>;
  // `store` outlives the cache; `bus` calls it for as long as it lives. `clock` tells which logins
  // are too old.
  LoginCache(AuthStore& store, cluster::Bus& bus, Now now, db::Clock clock);
  LoginCache(const LoginCache&) = delete;
  LoginCache& operator=(const LoginCache&) = delete;

  // The user of the login, or nullopt when it is over. Errors: 503 UNAVAILABLE.
  net::awaitable<http::Result<std::optional<user::User>>> find(std::string user_id,
                                                               std::string sid);

  // What is known without asking; nullptr when that is nothing.
  const std::optional<user::User>* peek(std::string_view user_id, std::string_view sid);

  // After a change that the bus does not tell of.
  void forget_user(const std::string& user_id);

 private:
  struct Entry {
    std::string sid;
    std::string user_id;
    std::optional<user::User> user;
    Instant read_at;
  };
  using Order = std::list<Entry>;  // the latest read first

  void remember(std::string user_id, std::string sid, std::optional<user::User> user);
  void forget_login(const std::string& sid);
  void erase(const std::string& sid);

  AuthStore& store_;
  Now now_;
  db::Clock clock_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> entries_;  // views into the list's sids
  std::uint64_t epoch_ = 0;  // rises with every change, so that no older reading is kept
};

}  // namespace server::auth
