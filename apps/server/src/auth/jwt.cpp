#include "auth/jwt.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <optional>
#include <stdexcept>

#include "base/base64.hpp"

namespace server::auth {
namespace {

namespace json = boost::json;
using Mac = std::array<std::uint8_t, 32>;

// {"alg":"HS256","typ":"JWT"}, the only header that is ever made.
constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

std::optional<json::object> object_of(std::string_view base64url) {
  const auto octets = base64url_decode(base64url);
  if (!octets) return std::nullopt;
  json::parse_options options;
  options.max_depth = 4;
  boost::system::error_code error;
  // One block of memory for all of a token's few claims.
  auto storage = json::make_shared_resource<json::monotonic_resource>(1024);
  json::value value = json::parse(text_of(Bytes(*octets)), error, std::move(storage), options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

// The header of another issuer's token may name more, but never another algorithm, and nothing
// that must be understood (RFC 7515 section 4.1.11).
bool is_acceptable(const json::object& header) {
  const json::value* algorithm = header.if_contains("alg");
  const bool is_hs256 =
      algorithm != nullptr && algorithm->is_string() && algorithm->get_string() == "HS256";
  // RFC 8725 section 3.11: "at+jwt" and the like are of other issuers.
  const json::value* type = header.if_contains("typ");
  const bool is_jwt = type == nullptr || (type->is_string() && type->get_string() == "JWT");
  return is_hs256 && is_jwt && !header.contains("crit");
}

// A NumericDate (RFC 7519 section 2), whole seconds only.
std::optional<std::chrono::sys_seconds> time_of(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  constexpr std::int64_t kYear9999 = 253402300799;
  const std::int64_t seconds = value->get_int64();
  if (seconds < 0 || seconds > kYear9999) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

}  // namespace

struct JwtKey::Context {
  EVP_MAC_CTX* keyed;

  explicit Context(std::string_view secret) {
    EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    keyed = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    const Bytes key = bytes_of(secret);
    if (keyed == nullptr || EVP_MAC_init(keyed, key.data(), key.size(), parameters) != 1) {
      throw std::runtime_error("OpenSSL has no HMAC-SHA-256");
    }
  }
  ~Context() { EVP_MAC_CTX_free(keyed); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // A copy of the keyed context does the work, so that threads share the key.
  Mac mac(std::string_view text) const {
    Mac mac{};
    std::size_t size = 0;
    EVP_MAC_CTX* const one = EVP_MAC_CTX_dup(keyed);
    const Bytes octets = bytes_of(text);
    const bool made = one != nullptr && EVP_MAC_update(one, octets.data(), octets.size()) == 1 &&
                      EVP_MAC_final(one, mac.data(), &size, mac.size()) == 1;
    EVP_MAC_CTX_free(one);
    if (!made || size != mac.size()) throw std::bad_alloc();
    return mac;
  }
};

JwtKey::JwtKey(std::string_view secret) : context_(std::make_shared<const Context>(secret)) {}

std::string JwtKey::mac(std::string_view text) const {
  return base64url_encode(context_->mac(text));
}

std::string JwtKey::sign(const json::object& claims) const {
  std::string token(kHeader);
  token += '.';
  token += base64url_encode(bytes_of(json::serialize(claims)));
  const std::string signature = mac(token);
  token += '.';
  token += signature;
  return token;
}

std::expected<json::object, JwtError> JwtKey::read(std::string_view token) const {
  if (token.size() > kTokenMax) return std::unexpected(JwtError::Malformed);
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || last == first) {
    return std::unexpected(JwtError::Malformed);
  }
  const std::string_view header = token.substr(0, first);
  const std::string_view payload = token.substr(first + 1, last - first - 1);
  const std::string_view signature = token.substr(last + 1);

  if (header != kHeader) {
    const auto foreign = object_of(header);
    if (!foreign) return std::unexpected(JwtError::Malformed);
    if (!is_acceptable(*foreign)) return std::unexpected(JwtError::Algorithm);
  }
  const auto given = base64url_decode(signature);
  if (!given) return std::unexpected(JwtError::Malformed);
  const Mac expected = context_->mac(token.substr(0, last));
  const bool genuine = given->size() == expected.size() &&
                       CRYPTO_memcmp(given->data(), expected.data(), expected.size()) == 0;
  if (!genuine) return std::unexpected(JwtError::Signature);

  auto claims = object_of(payload);
  if (!claims) return std::unexpected(JwtError::Malformed);
  return std::move(*claims);
}

std::expected<json::object, JwtError> JwtKey::verify(db::Timestamp now,
                                                     std::string_view token) const {
  auto claims = read(token);
  if (!claims) return claims;
  const auto expires = time_of(*claims, "exp");
  const auto issued = time_of(*claims, "iat");
  if (!expires || !issued) return std::unexpected(JwtError::NoExpiry);
  if (now >= *expires) return std::unexpected(JwtError::Expired);
  if (*issued > now + kClockSkew) return std::unexpected(JwtError::FromFuture);
  if (claims->contains("nbf")) {
    const auto not_before = time_of(*claims, "nbf");
    if (!not_before || *not_before > now + kClockSkew) {
      return std::unexpected(JwtError::FromFuture);
    }
  }
  if (claims->contains("iss") || claims->contains("aud")) {
    return std::unexpected(JwtError::Foreign);
  }
  return claims;
}

}  // namespace server::auth
