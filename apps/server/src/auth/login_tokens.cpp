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

}  // namespace

std::string LoginTokens::make_access(db::Timestamp now, const user::User& user,
                                     std::string_view sid) const {
  const std::int64_t issued = seconds_of(now);
  return access_key_.sign({{"sub", user.id},
                           {"email", user.email},
                           {"username", user.username},
                           {"tokenVersion", user.token_version},
                           {"sid", sid},
                           {"iat", issued},
                           {"exp", issued + kAccessLife.count()}});
}

// The token's `jti` is "<login>.<nonce>": unique, and it leads to the login's row.
std::string LoginTokens::make_refresh(db::Timestamp now, std::string_view user_id,
                                      std::string_view sid, std::string_view nonce) const {
  const std::int64_t issued = seconds_of(now);
  return refresh_key_.sign({{"sub", user_id},
                            {"jti", std::string(sid) + "." + std::string(nonce)},
                            {"iat", issued},
                            {"exp", issued + kRefreshLife.count()}});
}

std::string LoginTokens::make_successor(db::Timestamp rotated_at, std::string_view user_id,
                                        std::string_view sid,
                                        std::string_view previous_hash) const {
  const std::string nonce = refresh_key_.mac("successor of " + std::string(previous_hash));
  return make_refresh(rotated_at, user_id, sid, nonce);
}

std::optional<AccessClaims> LoginTokens::read_access(db::Timestamp now,
                                                     std::string_view token) const {
  const auto claims = access_key_.verify(now, token);
  if (!claims) return std::nullopt;
  auto user_id = text_claim(*claims, "sub");
  auto sid = text_claim(*claims, "sid");
  const json::value* version = claims->if_contains("tokenVersion");
  if (!is_id(user_id) || !is_id(sid) || version == nullptr || !version->is_int64()) {
    return std::nullopt;
  }
  return AccessClaims{std::move(*user_id), std::move(*sid), version->get_int64()};
}

std::optional<RefreshClaims> LoginTokens::read_refresh(db::Timestamp now,
                                                       std::string_view token) const {
  const auto claims = refresh_key_.verify(now, token);
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

}  // namespace server::auth
