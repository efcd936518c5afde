#include "auth/login_tokens.hpp"

#include "auth/hash.hpp"
#include "db/ids.hpp"

namespace server::auth {
namespace {

namespace json = boost::json;

std::int64_t seconds_of(db::Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::optional<std::string> text_claim(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

bool is_id(const std::optional<std::string>& text) { return text && db::is_id(*text); }

// What the first of the keys that knows the token's signature makes of it.
template <class Read>
std::optional<json::object> read_by_any(const std::vector<JwtKey>& keys, Read read) {
  for (const JwtKey& key : keys) {
    auto claims = read(key);
    if (claims) return std::move(*claims);
    if (claims.error() != JwtError::Signature) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<json::object> verified(const std::vector<JwtKey>& keys, db::Timestamp now,
                                     std::string_view token) {
  return read_by_any(keys, [&](const JwtKey& key) { return key.verify(now, token); });
}

std::vector<JwtKey> keys_of(std::string_view secret, std::string_view previous) {
  std::vector<JwtKey> keys{JwtKey(secret)};
  if (!previous.empty()) keys.emplace_back(previous);
  return keys;
}

std::string sign_refresh(const JwtKey& key, db::Timestamp now, std::string_view user_id,
                         std::string_view sid, std::string_view nonce) {
  const std::int64_t issued = seconds_of(now);
  // The token's `jti` is "<login>.<nonce>": unique, and it leads to the login's row.
  return key.sign({{"sub", user_id},
                   {"jti", std::string(sid) + "." + std::string(nonce)},
                   {"iat", issued},
                   {"exp", issued + kRefreshLife.count()}});
}

std::string sign_successor(const JwtKey& key, db::Timestamp rotated_at, std::string_view user_id,
                           std::string_view sid, std::string_view previous_hash) {
  const std::string nonce = key.mac("successor of " + std::string(previous_hash));
  return sign_refresh(key, rotated_at, user_id, sid, nonce);
}

std::optional<AccessClaims> access_claims(const std::optional<json::object>& claims) {
  if (!claims) return std::nullopt;
  auto user_id = text_claim(*claims, "sub");
  auto sid = text_claim(*claims, "sid");
  const json::value* version = claims->if_contains("tokenVersion");
  if (!is_id(user_id) || !is_id(sid) || version == nullptr || !version->is_int64()) {
    return std::nullopt;
  }
  return AccessClaims{std::move(*user_id), std::move(*sid), version->get_int64()};
}

std::optional<RefreshClaims> refresh_claims(const std::optional<json::object>& claims,
                                            std::string_view token) {
  if (!claims) return std::nullopt;
  auto user_id = text_claim(*claims, "sub");
  const auto jti = text_claim(*claims, "jti");
  if (!is_id(user_id) || !jti) return std::nullopt;
  // A token without a login in its `jti` was made before there were families, by the Prisma
  // server: migration 4 keeps such a login under this id.
  const std::size_t dot = jti->find('.');
  std::optional<std::string> sid =
      dot == std::string::npos ? "legacy-" + *user_id : jti->substr(0, dot);
  if (!is_id(sid)) return std::nullopt;
  return RefreshClaims{std::move(*user_id), std::move(*sid), sha256_hex(token)};
}

}  // namespace

LoginTokens::LoginTokens(const TokenSecrets& secrets)
    : access_keys_(keys_of(secrets.access, secrets.access_previous)),
      refresh_keys_(keys_of(secrets.refresh, secrets.refresh_previous)) {}

std::string LoginTokens::make_access(db::Timestamp now, const user::User& user,
                                     std::string_view sid) const {
  const std::int64_t issued = seconds_of(now);
  return access_keys_.front().sign({{"sub", user.id},
                                    {"email", user.email},
                                    {"username", user.username},
                                    {"tokenVersion", user.token_version},
                                    {"sid", sid},
                                    {"iat", issued},
                                    {"exp", issued + kAccessLife.count()}});
}

std::string LoginTokens::make_refresh(db::Timestamp now, std::string_view user_id,
                                      std::string_view sid, std::string_view nonce) const {
  return sign_refresh(refresh_keys_.front(), now, user_id, sid, nonce);
}

std::string LoginTokens::make_successor(db::Timestamp rotated_at, std::string_view user_id,
                                        std::string_view sid,
                                        std::string_view previous_hash) const {
  return sign_successor(refresh_keys_.front(), rotated_at, user_id, sid, previous_hash);
}

std::optional<std::string> LoginTokens::find_successor(db::Timestamp rotated_at,
                                                       std::string_view user_id,
                                                       std::string_view sid,
                                                       std::string_view previous_hash,
                                                       std::string_view successor_hash) const {
  for (const JwtKey& key : refresh_keys_) {
    std::string token = sign_successor(key, rotated_at, user_id, sid, previous_hash);
    if (equal_in_constant_time(sha256_hex(token), successor_hash)) return token;
  }
  return std::nullopt;
}

std::optional<AccessClaims> LoginTokens::read_access(db::Timestamp now,
                                                     std::string_view token) const {
  return access_claims(verified(access_keys_, now, token));
}

std::optional<AccessClaims> LoginTokens::read_old_access(std::string_view token) const {
  return access_claims(
      read_by_any(access_keys_, [&](const JwtKey& key) { return key.read(token); }));
}

std::optional<RefreshClaims> LoginTokens::read_refresh(db::Timestamp now,
                                                       std::string_view token) const {
  return refresh_claims(verified(refresh_keys_, now, token), token);
}

std::optional<RefreshClaims> LoginTokens::read_old_refresh(std::string_view token) const {
  return refresh_claims(
      read_by_any(refresh_keys_, [&](const JwtKey& key) { return key.read(token); }), token);
}

std::string LoginTokens::pseudonym(std::string_view text) const {
  return refresh_keys_.front().mac("pseudonym of " + std::string(text));
}

}  // namespace server::auth
