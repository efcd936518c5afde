// Failed logins in the database: counted for an account from each place, and from all together. All
// run on a database thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/account_sql.hpp"
#include "db/connection.hpp"

namespace server::auth {

// How many wrong passwords lock an account, for whom and for how long. Failures lock the place that
// they come from, so nobody can lock out somebody else. The account-wide count stops guessing from
// very many places, and spares places that the account has been used from.
struct Lockout {
  static constexpr int kEverywhereFactor = 20;

  int attempts = 5;  // from one place
  std::chrono::minutes lasts{15};

  int attempts_everywhere() const { return attempts * kEverywhereFactor; }
};

// A login that a refresh token of the account proves, however old the token is.
struct Device {
  std::string user_id;
  std::string sid;
};

// From where somebody tries a password.
struct Source {
  std::string network;           // IpAddress::network()
  std::optional<Device> device;  // counts when it is one of the account that is tried

  // The place as it is counted for an account; `user_id` is empty when nobody has the e-mail.
  std::string place(std::string_view user_id) const;
};

// How an account stands towards one place.
struct Standing {
  Attempts here;
  Attempts everywhere;
  bool is_known = false;  // somebody has logged in to the account from here

  // Until when nobody comes in from here; nullopt when they may.
  std::optional<db::Timestamp> locked_until(db::Timestamp now) const;
};

// The account that is tried: a user's, or an e-mail that nobody has, which is counted and locked in
// the same way.
struct Tried {
  std::string user_id;     // empty: nobody has the e-mail
  std::string email_hash;  // then the hash of it, lower case
  Attempts everywhere;
};

// Of an e-mail that nobody has.
Attempts unknown_attempts(const db::Connection& connection, std::string_view email_hash,
                          bool lock_row = false);
// Makes the row first and locks it, so that those who come at once wait for each other; for a
// user's account the caller has locked the user.
Attempts lock_unknown_attempts(db::Connection& connection, std::string_view email_hash,
                               db::Timestamp now);

Standing find_standing(const db::Connection& connection, const Tried& tried, const Source& source,
                       db::Timestamp now);

// One more wrong password, unless the place was locked out. The caller holds the lock of the row
// that `tried.everywhere` was read from.
void count_failure(db::Connection& connection, const Tried& tried, const Source& source,
                   const Lockout& lockout, db::Timestamp now);

// After the right password: forgets what this place failed, and knows it from now on.
void clear_failures(db::Connection& connection, std::string_view user_id, const Source& source);
void remember_place(db::Connection& connection, std::string_view user_id, const Source& source,
                    db::Timestamp now);

// Lets everybody in again.
void unlock_account(db::Connection& connection, std::string_view user_id);
// Forgets what was counted for an e-mail while nobody had it.
void forget_unknown(db::Connection& connection, std::string_view email_hash);

}  // namespace server::auth
