#include "auth/jwt.hpp"

#include <gtest/gtest.h>

#include "base/base64.hpp"

namespace server::auth {
namespace {

namespace json = boost::json;

const db::Timestamp kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::int64_t kSeconds = 1'800'000'000;

json::object claims() { return {{"sub", "x"}, {"iat", kSeconds}, {"exp", kSeconds + 10}}; }

std::string token_of(std::string_view header, std::string_view payload, const JwtKey& key) {
  const std::string text =
      base64url_encode(bytes_of(header)) + "." + base64url_encode(bytes_of(payload));
  return text + "." + key.mac(text);
}

// RFC 7515 appendix A.1: header, payload and key as given there.
TEST(Jwt, AgreesWithTheExampleOfRfc7515) {
  const auto key_octets = *base64url_decode(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const JwtKey key(text_of(Bytes(key_octets)));
  const std::string token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "lfQ"
      ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_EQ(key.mac(token.substr(0, token.rfind('.'))), token.substr(token.rfind('.') + 1));
  // It has no `iat`, which ours must have.
  EXPECT_EQ(key.verify(kNow, token).error(), JwtError::NoExpiry);
}

TEST(Jwt, VerifiesWhatItSigned) {
  const JwtKey key("secret");
  const auto read = key.verify(kNow, key.sign(claims()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, claims());
}

TEST(Jwt, NamesWhatIsWrong) {
  const JwtKey key("secret");
  const std::string good = key.sign(claims());
  const auto error = [&](const std::string& token) {
    const auto read = key.verify(kNow, token);
    EXPECT_FALSE(read) << token;
    return read ? JwtError::Malformed : read.error();
  };
  const auto changed = [&](std::string_view name, json::value value) {
    json::object object = claims();
    object[name] = std::move(value);
    return key.sign(object);
  };
  EXPECT_EQ(error(""), JwtError::Malformed);
  EXPECT_EQ(error("a.b"), JwtError::Malformed);
  EXPECT_EQ(error("a.b.c.d"), JwtError::Malformed);
  EXPECT_EQ(error(good + "="), JwtError::Malformed);
  EXPECT_EQ(error(good + std::string(JwtKey::kTokenMax, 'A')), JwtError::Malformed);
  const std::string payload = json::serialize(claims());
  EXPECT_EQ(error(token_of(R"({"alg":"none"})", payload, key)), JwtError::Algorithm);
  EXPECT_EQ(error(token_of(R"({"alg":"hs256"})", payload, key)), JwtError::Algorithm);
  EXPECT_EQ(error(token_of(R"({"alg":"RS256"})", payload, key)), JwtError::Algorithm);
  EXPECT_EQ(error(token_of(R"({"typ":"JWT"})", payload, key)), JwtError::Algorithm);
  EXPECT_EQ(error(token_of(R"({"alg":"HS256","crit":["x"]})", payload, key)), JwtError::Algorithm);
  EXPECT_EQ(error(token_of("[]", payload, key)), JwtError::Malformed);
  EXPECT_EQ(error(token_of(R"({"alg":"HS256"})", "[1]", key)), JwtError::Malformed);
  EXPECT_EQ(error(JwtKey("secreT").sign(claims())), JwtError::Signature);
  EXPECT_EQ(error(good.substr(0, good.size() - 2) + "AB"), JwtError::Malformed)
      << "43 characters of base64 end in two zero bits";
  EXPECT_EQ(error(changed("exp", kSeconds)), JwtError::Expired);
  EXPECT_EQ(error(changed("exp", "soon")), JwtError::NoExpiry);
  EXPECT_EQ(error(changed("exp", 1.8e9)), JwtError::NoExpiry);
  EXPECT_EQ(error(changed("exp", -1)), JwtError::NoExpiry);
  EXPECT_EQ(error(changed("exp", INT64_MAX)), JwtError::NoExpiry);
  EXPECT_EQ(error(changed("iat", kSeconds + 6)), JwtError::FromFuture);
  EXPECT_EQ(error(changed("nbf", kSeconds + 6)), JwtError::FromFuture);
  EXPECT_EQ(error(changed("nbf", "x")), JwtError::FromFuture);
  EXPECT_EQ(error(changed("iss", "https://issuer.example")), JwtError::Foreign);
  EXPECT_EQ(error(changed("aud", "somebody else")), JwtError::Foreign);
  EXPECT_EQ(error(changed("aud", json::array{"a", "b"})), JwtError::Foreign);
  EXPECT_EQ(error(token_of(R"({"alg":"HS256","typ":"at+jwt"})", payload, key)),
            JwtError::Algorithm);
  EXPECT_EQ(error(token_of(R"({"alg":"HS256","typ":1})", payload, key)), JwtError::Algorithm);
}

// RFC 7519 section 4.1.4 lets a clock be wrong; ours may be by five seconds towards the future, and
// an expired token has expired.
TEST(Jwt, TakesTheTimesOfATokenAtTheirEdges) {
  const JwtKey key("secret");
  const auto good = [&](std::string_view name, std::int64_t value) {
    json::object object = claims();
    object[name] = value;
    return key.verify(kNow, key.sign(object)).has_value();
  };
  EXPECT_TRUE(good("iat", kSeconds + 5));
  EXPECT_TRUE(good("nbf", kSeconds + 5));
  EXPECT_FALSE(good("nbf", kSeconds + 6));
  EXPECT_TRUE(good("exp", kSeconds + 1));
  EXPECT_FALSE(good("exp", kSeconds));
}

// A public key is no secret, so whoever knows it can make an HMAC with it; and a verifier that lets
// the token choose between RS256 and HS256 would take that (RFC 8725 section 3.1).
TEST(Jwt, TakesNoOtherAlgorithmWhateverTheSignatureIs) {
  const JwtKey key("secret");
  const std::string payload = json::serialize(claims());
  for (const std::string algorithm : {"RS256", "ES256", "PS256", "EdDSA", "HS384", "HS512", "none",
                                      "None", "NONE", "nOnE", "HS256 ", "HS256\\u0000", ""}) {
    const std::string header = R"({"alg":")" + algorithm + R"(","typ":"JWT"})";
    const std::string token = token_of(header, payload, key);
    const std::string unsigned_token = token.substr(0, token.rfind('.') + 1);
    EXPECT_EQ(key.verify(kNow, token).error(), JwtError::Algorithm) << algorithm;
    EXPECT_FALSE(key.verify(kNow, unsigned_token)) << algorithm;
  }
  for (const std::string header : {R"({"alg":["HS256"]})", R"({"alg":null})", R"({"alg":256})",
                                   R"({"alg":"HS256","alg":"none"})"}) {
    EXPECT_FALSE(key.verify(kNow, token_of(header, payload, key))) << header;
  }
}

TEST(Jwt, RefusesAHugeTokenBeforeItReadsIt) {
  const JwtKey key("secret");
  json::object object = claims();
  object["padding"] = std::string(JwtKey::kTokenMax, 'x');
  EXPECT_EQ(key.verify(kNow, key.sign(object)).error(), JwtError::Malformed);
}

TEST(Jwt, IgnoresKeyHintsOfTheHeader) {
  const JwtKey key("secret");
  const std::string payload = json::serialize(claims());
  for (const std::string hint :
       {R"("kid":"../../dev/null")", R"("kid":"' UNION SELECT 'key' --")", R"("kid":{"a":1})",
        R"("jku":"https://evil.example/keys")", R"("x5u":"file:///etc/passwd")",
        R"("x5c":["MIIB"])", R"("jwk":{"kty":"oct","k":"YXR0YWNrZXI"})"}) {
    const std::string header = R"({"alg":"HS256",)" + hint + "}";
    EXPECT_TRUE(key.verify(kNow, token_of(header, payload, key))) << hint;
    // The key that the header names, or names the place of, signs nothing.
    for (const std::string_view secret : {"attacker", ""}) {
      EXPECT_EQ(key.verify(kNow, token_of(header, payload, JwtKey(secret))).error(),
                JwtError::Signature)
          << hint;
    }
  }
}

TEST(Jwt, EveryCutAndEveryChangedCharacterIsRefused) {
  const JwtKey key("secret");
  const std::string good = key.sign(claims());
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(key.verify(kNow, good.substr(0, i)));
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(key.verify(kNow, changed)) << i;
  }
}

}  // namespace
}  // namespace server::auth
