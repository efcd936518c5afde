// JSON Web Tokens (RFC 7519), HS256 alone (RFC 7518 section 3.2).
#pragma once

#include <boost/json.hpp>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "db/timestamp.hpp"

namespace server::auth {

enum class JwtError : std::uint8_t {
  Malformed,   // not three canonical base64url parts of JSON objects, or too long
  Algorithm,   // the header names something else than HS256, another kind of token, or is critical
               // of something
  Signature,   // of another key
  NoExpiry,    // `exp` or `iat` missing or no whole number
  Expired,     // RFC 7519 section 4.1.4
  FromFuture,  // `iat` or `nbf` lies ahead by more than the allowed skew
  Foreign,     // `iss` or `aud` is there: made by, or for, somebody else (RFC 7519 section 4.1.3)
};

// One HMAC-SHA-256 key. What a token's header says never chooses the algorithm. Thread-safe.
class JwtKey {
 public:
  static constexpr std::size_t kTokenMax = 4096;        // octets
  static constexpr std::chrono::seconds kClockSkew{5};  // between servers of one cluster

  explicit JwtKey(std::string_view secret);

  std::string sign(const boost::json::object& claims) const;
  // The claims of a token that this key signed, whatever its times.
  std::expected<boost::json::object, JwtError> read(std::string_view token) const;
  // The claims of a token that this key signed and whose time is now.
  std::expected<boost::json::object, JwtError> verify(db::Timestamp now,
                                                      std::string_view token) const;
  // HMAC-SHA-256 of any text, base64url.
  std::string mac(std::string_view text) const;

 private:
  struct Context;
  std::shared_ptr<const Context> context_;
};

}  // namespace server::auth
