// Accounts in the database, as their owners change them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/account_sql.hpp"
#include "db/database.hpp"

namespace server::user {

namespace net = boost::asio;

class UserStore {
 public:
  explicit UserStore(db::Database& database) : database_(database) {}

  net::awaitable<db::Outcome<std::optional<User>>> find(std::string id);

  struct Change {
    std::optional<std::string> username;
    std::optional<std::string> email;  // lower case
    std::optional<std::string> password_hash;
    // The owner confirmed it with the password: all other logins end, and the one that asked gets
    // its next refresh token. Without the password nobody gets one.
    bool is_confirmed = false;
  };
  struct Changed {
    auth::Taken taken = auth::Taken::Nothing;
    std::optional<User> user;  // nullopt when the account or the login is gone, or when taken
    std::optional<std::string> previous_hash;  // what a new refresh token follows from
  };
  // Changes the account and, when it is confirmed, rotates the login that asked: all or nothing.
  net::awaitable<db::Outcome<Changed>> change(std::string user_id, Change change,
                                              auth::Rotation rotation);

  struct Removed {
    bool existed = false;
    std::vector<std::string> room_ids;  // rooms that went with their host
  };
  net::awaitable<db::Outcome<Removed>> remove(std::string user_id);

 private:
  db::Database& database_;
};

// Removes an account with its rooms and messages, in the transaction of the caller.
UserStore::Removed remove_account(db::Connection& connection, std::string_view user_id);

}  // namespace server::user
