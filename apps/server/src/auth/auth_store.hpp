// Accounts' logins in the database. Every function is one transaction on a database thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/account_sql.hpp"
#include "auth/lockout_sql.hpp"
#include "db/database.hpp"

namespace server::auth {

namespace net = boost::asio;

// A login that begins.
struct NewLogin {
  std::string sid;
  std::string token_hash;
  ClientRecord client;
  db::Timestamp now;
};

// A login that stands, as its owner sees it.
struct Session {
  std::string sid;
  db::Timestamp created_at;
  db::Timestamp rotated_at;               // its newest refresh token was made then
  std::optional<std::string> address;     // of that moment; nullopt for logins of before they
  std::optional<std::string> user_agent;  // were recorded
};

class AuthStore {
 public:
  static constexpr int kLoginsPerUserMax = 100;  // the one unused for longest goes first

  explicit AuthStore(db::Database& database) : database_(database) {}

  // Inserts the account with its first login, or tells what another account has already.
  net::awaitable<db::Outcome<Taken>> insert(NewUser user, NewLogin login, Source source);

  // The account of an e-mail, or nullopt when nobody has it, and how it stands towards the source.
  struct Found {
    std::optional<Account> account;
    Standing standing;
  };
  net::awaitable<db::Outcome<Found>> find(std::string email, Source source, db::Timestamp now);
  net::awaitable<db::Outcome<Found>> find_by_id(std::string user_id, Source source,
                                                db::Timestamp now);

  // Begins a login after the right password, unless the source was locked out or the password
  // changed while it was checked. `new_hash` replaces an outdated one.
  struct Begun {
    enum class Status : std::uint8_t { Good, Locked, Changed };
    Status status = Status::Good;
    Standing standing;
    user::User user;
    std::vector<std::string> ended_sids;  // logins that made room
  };
  net::awaitable<db::Outcome<Begun>> begin_login(Account account, NewLogin login,
                                                 std::optional<std::string> new_hash,
                                                 Source source);

  // Forgets failed attempts after the right password of somebody who is logged in. Like
  // begin_login() it tells whether the source was locked out meanwhile.
  net::awaitable<db::Outcome<Begun>> clear_failures(Account account, Source source,
                                                    db::Timestamp now);

  // Counts a wrong password of an account, or of an e-mail that nobody has. Returns how the account
  // stood before: it counts nothing when the source was locked out while the password was checked.
  net::awaitable<db::Outcome<Standing>> count_failure(std::string user_id, Source source,
                                                      Lockout lockout, db::Timestamp now);
  net::awaitable<db::Outcome<Standing>> count_unknown(std::string email, Source source,
                                                      Lockout lockout, db::Timestamp now);

  // Takes a refresh token that was presented.
  struct Presented {
    std::string user_id;
    std::string token_hash;
  };
  struct Refreshed {
    enum class Status : std::uint8_t {
      Rotated,   // it was the newest: it has a successor now
      Repeated,  // it was rotated a moment ago for the same client
      Theft,     // it was rotated before: all logins of the user are over
      Over,      // its login is, or is older than kLoginLife
    };
    Status status = Status::Over;
    db::Timestamp rotated_at;
    std::string successor_hash;  // of the newest token
    user::User user;
  };
  net::awaitable<db::Outcome<Refreshed>> refresh(Presented presented, Rotation rotation,
                                                 std::chrono::milliseconds grace);

  // Ends one login. False when it was over.
  net::awaitable<db::Outcome<bool>> end_login(std::string user_id, std::string sid);

  // Ends all logins of a user but this one. False when this one is over.
  net::awaitable<db::Outcome<bool>> end_others(std::string user_id, std::string sid,
                                               db::Timestamp now);

  // The logins of a user that stand, at most kLoginsPerUserMax; the latest used first.
  net::awaitable<db::Outcome<std::vector<Session>>> list_logins(std::string user_id,
                                                                db::Timestamp now);

  // The user of a login that stands.
  net::awaitable<db::Outcome<std::optional<user::User>>> find_login(std::string user_id,
                                                                    std::string sid,
                                                                    db::Timestamp now);

  // Those of these logins that are over: ended, idle for kRefreshLife, or older than kLoginLife.
  net::awaitable<db::Outcome<std::vector<std::string>>> find_ended(std::vector<std::string> sids,
                                                                   db::Timestamp now);

 private:
  db::Database& database_;
};

}  // namespace server::auth
