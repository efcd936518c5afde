// The rules of accounts: what people see of each other, and what they may change of themselves.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "auth/auth_service.hpp"
#include "cluster/bus.hpp"
#include "http/message.hpp"
#include "user/user.hpp"

namespace server::user {

class UserStore;
namespace net = boost::asio;

// What people may change of themselves; nullopt leaves it as it is.
struct ProfileChange {
  std::optional<std::string> username;
  std::optional<std::string> email;
  std::optional<std::string> password;
  std::optional<std::string> current_password;  // needed for e-mail and password
};

// A changed account, and the new tokens of the login that changed it: only where the password was
// given, so that an access token alone never becomes a refresh token.
struct Changed {
  User user;
  std::optional<auth::TokenPair> tokens;
};

// Control thread only. Errors common to all: 503 UNAVAILABLE when the database is away.
class UserService {
 public:
  struct Parts {  // all outlive the service
    UserStore& store;
    auth::AuthService& auth;
    auth::LoginCache& logins;
    cluster::Bus& bus;
  };
  explicit UserService(Parts parts) : parts_(parts) {}

  // Errors: UNAUTHORIZED when the account is gone.
  net::awaitable<http::Result<User>> me(http::Principal who);
  // Errors: USER_NOT_FOUND.
  net::awaitable<http::Result<User>> find(std::string id);

  // A new password or e-mail ends all other logins; this one goes on with new tokens. A new
  // username leaves all logins and their tokens as they are. Publishes UserRenamed and LoginEnded.
  // Errors: VALIDATION_ERROR, FORBIDDEN (wrong current password), ACCOUNT_LOCKED, EMAIL_TAKEN,
  // USERNAME_TAKEN, RATE_LIMITED (too many passwords at once).
  net::awaitable<http::Result<Changed>> change(http::Principal who, ProfileChange change,
                                               auth::Client client);

  // The account with its rooms and messages. Publishes LoginEnded and RoomDeleted.
  // Errors: FORBIDDEN, ACCOUNT_LOCKED, RATE_LIMITED as change().
  net::awaitable<http::Result<void>> remove(http::Principal who, std::string current_password);

 private:
  Parts parts_;
};

}  // namespace server::user
