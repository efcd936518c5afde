// The two tokens that a client holds of a login, as the design document's section 6.1 gives them.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt.hpp"
#include "db/timestamp.hpp"
#include "user/user.hpp"

namespace server::auth {

inline constexpr std::chrono::seconds kAccessLife{900};
inline constexpr std::chrono::seconds kRefreshLife{604800};  // also how long a login may lie idle
// From login to login again, however often the tokens are renewed in between.
inline constexpr std::chrono::days kLoginLife{90};

struct TokenPair {
  std::string access;
  std::string refresh;
};

// What an access token says; true only as long as its login and token version stand.
struct AccessClaims {
  std::string user_id;
  std::string sid;
  std::int64_t token_version = 0;
};

// What a refresh token says, and the hash by which the database knows it.
struct RefreshClaims {
  std::string user_id;
  std::string sid;   // the login (family) that the token belongs to
  std::string hash;  // SHA-256 of the token, hexadecimal
};

// What signs the tokens: at least 32 octets each, different from each other. Those of before are
// empty or still verify what they signed; nothing is signed with them any more.
struct TokenSecrets {
  std::string access;
  std::string refresh;
  std::string access_previous;
  std::string refresh_previous;
};

// Makes and reads both kinds. Thread-safe.
class LoginTokens {
 public:
  explicit LoginTokens(const TokenSecrets& secrets);

  std::string make_access(db::Timestamp now, const user::User& user, std::string_view sid) const;

  // The first refresh token of a login; `nonce` is random.
  std::string make_refresh(db::Timestamp now, std::string_view user_id, std::string_view sid,
                           std::string_view nonce) const;

  // The one refresh token that follows the token with this hash when it is rotated at this moment.
  // It follows from its arguments alone, so that whoever asks again gets the same, and only its
  // hash need be stored.
  std::string make_successor(db::Timestamp rotated_at, std::string_view user_id,
                             std::string_view sid, std::string_view previous_hash) const;
  // The one whose hash is `successor_hash`, as a server with this or the previous secret made it.
  std::optional<std::string> find_successor(db::Timestamp rotated_at, std::string_view user_id,
                                            std::string_view sid, std::string_view previous_hash,
                                            std::string_view successor_hash) const;

  std::optional<AccessClaims> read_access(db::Timestamp now, std::string_view token) const;
  // Of which login an access token was, however old it is.
  std::optional<AccessClaims> read_old_access(std::string_view token) const;
  std::optional<RefreshClaims> read_refresh(db::Timestamp now, std::string_view token) const;
  // Of which login a refresh token was, however old it is.
  std::optional<RefreshClaims> read_old_refresh(std::string_view token) const;

  // Replaces a text that others could read where it is stored, such as an e-mail in Redis. Without
  // the secret the text cannot be found by guessing either.
  std::string pseudonym(std::string_view text) const;

 private:
  using Keys = std::vector<JwtKey>;  // the first one signs

  Keys access_keys_;
  Keys refresh_keys_;
};

}  // namespace server::auth
