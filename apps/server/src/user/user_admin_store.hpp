// What an operator does to accounts from the command line, straight on the database.
#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "db/connection.hpp"
#include "http/api_error.hpp"
#include "user/user.hpp"

namespace server::user {

struct ListedUser {
  User user;
  bool is_locked = false;  // somebody is locked out: one place, or all that are not known
};

// Blocks its caller. A running server sees a change within a second, and closes the sockets of
// logins that ended. Accounts are named by their e-mail address. Throws db::DbException when the
// database fails.
class UserAdminStore {
 public:
  // Connection and randomness outlive it; the schema has been migrated.
  UserAdminStore(db::Connection& connection, Random& random, int bcrypt_rounds, db::Timestamp now)
      : connection_(connection), random_(random), rounds_(bcrypt_rounds), now_(now) {}

  // Errors: VALIDATION_ERROR, EMAIL_TAKEN, USERNAME_TAKEN.
  http::Result<User> create(const std::string& email, const std::string& username,
                            const std::string& password);
  // By e-mail, in pages: those after `after_email`, at most `limit`.
  std::vector<ListedUser> list(const std::string& after_email, int limit);
  // Lets a locked account in again. Errors: USER_NOT_FOUND.
  http::Result<void> unlock(const std::string& email);
  // With its rooms and messages. Errors: USER_NOT_FOUND.
  http::Result<void> remove(const std::string& email);
  // Ends all logins and lets a locked account in. Errors: USER_NOT_FOUND, VALIDATION_ERROR.
  http::Result<void> set_password(const std::string& email, const std::string& password);

 private:
  http::Result<std::string> id_of(const std::string& email);

  db::Connection& connection_;
  Random& random_;
  int rounds_;
  db::Timestamp now_;
};

}  // namespace server::user
