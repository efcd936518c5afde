// Logins: who comes in, for how long, and how a login ends.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/auth_store.hpp"
#include "auth/login_tokens.hpp"
#include "base/random.hpp"
#include "cluster/bus.hpp"
#include "db/ids.hpp"
#include "http/message.hpp"
#include "user/user.hpp"

namespace server::auth {

class LoginCache;
class PasswordPool;
namespace net = boost::asio;

struct AuthRules {
  Lockout lockout;
};

// A login as its client holds it: the user, and the cookies' values.
struct LoggedIn {
  user::User user;
  TokenPair tokens;
};

// A login of an account, as its owner sees it.
struct SessionInfo {
  std::string id;  // names the login to its owner; follows from the sid and does not give it away
  db::Timestamp created_at;
  db::Timestamp last_used_at;  // to within kAccessLife
  std::string address;         // of the last use; empty when it is not known, like `user_agent`
  std::string user_agent;
  bool is_current = false;  // the login that asks
};

// From where a request came, as far as a login is tied to it.
struct Client {
  std::string address;
  std::string network;  // IpAddress::network()
  std::string user_agent;
  std::string refresh_token;  // the cookie, which tells a device of old; empty when there is none

  ClientRecord record() const;  // as the database keeps it
  static Client of(const http::Request& request);
};

// Control thread only. Errors common to all: 503 UNAVAILABLE when the database is away.
class AuthService {
 public:
  struct Parts {  // all outlive the service
    AuthStore& store;
    LoginCache& logins;
    PasswordPool& passwords;
    const LoginTokens& tokens;
    cluster::Bus& bus;
    Random& random;
  };
  AuthService(Parts parts, AuthRules rules, db::Clock clock);

  // Errors: VALIDATION_ERROR, EMAIL_TAKEN, USERNAME_TAKEN, RATE_LIMITED (too many logins at once).
  net::awaitable<http::Result<LoggedIn>> register_user(std::string email, std::string username,
                                                       std::string password, Client client);
  // Errors: UNAUTHORIZED, ACCOUNT_LOCKED, RATE_LIMITED (too many logins at once).
  net::awaitable<http::Result<LoggedIn>> login(std::string email, std::string password,
                                               Client client);

  // By what logins to an e-mail address are counted: says nothing to who reads the counters.
  std::string rate_key(std::string_view email) const;
  // By what those of one place are counted where somebody has logged in to the account before;
  // nullopt elsewhere. Errors: none of its own.
  net::awaitable<http::Result<std::optional<std::string>>> known_rate_key(std::string email,
                                                                          Client client);
  // Rotates the login's refresh token. A token that was rotated before is theft and ends every
  // login of the user, but for its first ten seconds from the same client. Errors: UNAUTHORIZED.
  net::awaitable<http::Result<LoggedIn>> refresh(std::string refresh_token, Client client);

  // Ends the one login that either token belongs to. Errors: UNAUTHORIZED when neither is good.
  net::awaitable<http::Result<void>> logout(std::optional<std::string> access_token,
                                            std::optional<std::string> refresh_token);

  // The logins of the one who asks, the latest used first.
  net::awaitable<http::Result<std::vector<SessionInfo>>> sessions(http::Principal who);
  // Ends one of them; whether it is the one that asks. Errors: NOT_FOUND, also for somebody else's.
  net::awaitable<http::Result<bool>> end_session(http::Principal who, std::string id);
  // Ends all but the one that asks. Errors: UNAUTHORIZED when that is over.
  net::awaitable<http::Result<void>> end_other_sessions(http::Principal who);

  // Looks whether these logins, user ids by login, still stand, and tells the bus of those that
  // somebody else has ended: the command line, or another server of the same database.
  net::awaitable<void> notice_ended(std::map<std::string, std::string> logins);

  // Checks the password of somebody who is logged in; wrong ones lock out this login alone.
  // Errors: FORBIDDEN (wrong), ACCOUNT_LOCKED, UNAUTHORIZED (the account is gone), RATE_LIMITED.
  net::awaitable<http::Result<void>> confirm_password(http::Principal who, std::string password);
  // Errors: RATE_LIMITED.
  net::awaitable<http::Result<std::string>> hash_password(std::string password);

  // How a change of the account rotates the refresh token of the login that asked for it, and the
  // tokens that follow from it.
  Rotation rotation_of(const http::Principal& who, const Client& client) const;
  TokenPair tokens_after(const Rotation& rotation, const user::User& user,
                         std::string_view previous_hash) const;

  // The access cookie's user. Errors: UNAUTHORIZED. As http::Authenticate wants it.
  net::awaitable<http::Result<http::Principal>> authenticate(const http::Request& request);

  // The same for the Socket.IO handshake, which lets people in without a cookie: nullopt when
  // there is none. Errors: UNAUTHORIZED for a cookie that is there but not valid.
  net::awaitable<http::Result<std::optional<http::Principal>>> identify(
      const http::Request& request);

  // The login of the access cookie, however old that is; empty: there is none. It proves whose
  // request this is, and not that the login still stands.
  std::string login_of(const http::Request& request) const;

 private:
  NewLogin new_login(const Client& client, std::string_view user_id, std::string& refresh_token);
  Source source_of(const Client& client) const;
  net::awaitable<http::ApiError> refuse(std::optional<Account> account, std::string email,
                                        Source source);
  void publish_all_ended(const std::string& user_id);
  Parts parts_;
  AuthRules rules_;
  db::Clock clock_;
  db::IdSource ids_;
};

}  // namespace server::auth
