// How an account and a login are read and written, shared by the stores of auth and user. All run
// on a database thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"
#include "user/user.hpp"

namespace server::auth {

// Failed logins in a row, and until when they keep somebody out; see lockout_sql.hpp.
struct Attempts {
  std::int64_t failed = 0;
  std::optional<db::Timestamp> locked_until;
  std::optional<db::Timestamp> last_failed_at;

  bool is_locked(db::Timestamp now) const { return locked_until && *locked_until > now; }
};

struct Account {
  user::User user;
  std::string password_hash;
  Attempts attempts;  // from everywhere
};

enum class Taken : std::uint8_t { Nothing, Email, Username };

// The hash of the token that follows the one with this hash; see LoginTokens::make_successor().
using SuccessorHash = std::function<std::string(std::string_view previous_hash)>;

// Where a login is used, as the database keeps it.
struct ClientRecord {
  std::string hash;        // of address and the whole User-Agent
  std::string address;     // for the owner to read
  std::string user_agent;  // shortened, printable ASCII; for the owner to read
};

// One rotation of a login's refresh token.
struct Rotation {
  std::string sid;
  ClientRecord client;
  db::Timestamp now;
  SuccessorHash successor_hash;
};

std::optional<Account> find_account(const db::Connection& connection, std::string_view user_id,
                                    bool lock_row);

struct NewUser {
  std::string id;
  std::string email;  // lower case
  std::string username;
  std::string password_hash;
};

// Inserts an account, or tells what another one has already. In the transaction of the caller.
Taken insert_account(db::Connection& connection, const NewUser& user, db::Timestamp now);

// What another account has of these already; `except_id` is the account that asks.
Taken find_taken(const db::Connection& connection, std::string_view email,
                 std::string_view username, std::string_view except_id);

// Gives a login its next token; the user's row is locked. Nullopt when the login is over, else the
// hash that the token follows from.
std::optional<std::string> rotate_login(db::Connection& connection, const Rotation& rotation);

// Whether a login stands: it was not ended, and is not too old.
bool has_login(const db::Connection& connection, std::string_view user_id, std::string_view sid,
               db::Timestamp now);

// Ends all logins of a user but one; all when `except_sid` is empty.
void end_other_logins(db::Connection& connection, std::string_view user_id,
                      std::string_view except_sid);

}  // namespace server::auth
