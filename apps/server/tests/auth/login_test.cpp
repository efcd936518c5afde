// Registration and login, as a client meets them, on both databases.
#include <gmock/gmock.h>

#include "accounts_world.hpp"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::account;
using testing::AccountsWorld;
using testing::Answer;
using testing::Browser;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPassword{AccountsWorld::kPassword};

class Login : public ::testing::TestWithParam<testing::Backend> {
 protected:
  testing::EmptyDatabase database{GetParam()};
};

std::vector<std::string> cookie_lines(const Answer& answer) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : answer.response.headers) {
    if (name == "Set-Cookie") lines.push_back(value);
  }
  return lines;
}

TEST_P(Login, RegistersWithBothCookiesAndLowerCaseEmail) {
  AccountsWorld world(database.url());
  Browser browser;
  const Answer answer =
      world.post("/api/auth/register", account("Ada@Example.COM", "Ada", "SecurePass123"), browser);
  ASSERT_EQ(answer.status, 201U) << answer.body;
  EXPECT_EQ(answer.text("/user/email"), "ada@example.com");
  EXPECT_EQ(answer.text("/user/username"), "Ada");
  EXPECT_EQ(answer.body.at("user").as_object().size(), 3U);
  const auto lines = cookie_lines(answer);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr("access_token="));
  EXPECT_THAT(lines[0], HasSubstr("; Max-Age=900; Path=/; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(lines[1], HasSubstr("refresh_token="));
  EXPECT_THAT(lines[1], HasSubstr("; Max-Age=604800; Path=/api/auth; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(lines[0], Not(HasSubstr("Secure")));

  const Answer me = world.get("/api/users/me", browser);
  ASSERT_EQ(me.status, 200U);
  EXPECT_EQ(me.body.as_object().size(), 5U);
  EXPECT_THAT(me.text("/createdAt"),
              ::testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                                      "\\.[0-9]{3}Z"));
}

TEST_P(Login, MarksCookiesSecureUnderHttps) {
  AccountsWorld world(database.url(), {.secure_cookies = true});
  Browser browser;
  const Answer answer =
      world.post("/api/auth/register", account("a@b.c", "ada", kPassword), browser);
  for (const std::string& line : cookie_lines(answer)) EXPECT_THAT(line, HasSubstr("; Secure"));
}

TEST_P(Login, TellsWhatIsTakenWithoutRegardToCase) {
  AccountsWorld world(database.url());
  world.registered("ada");
  Browser browser;
  EXPECT_EQ(world.post("/api/auth/register", account("ADA@example.com", "bob", kPassword), browser)
                .code(),
            "EMAIL_TAKEN");
  const Answer taken =
      world.post("/api/auth/register", account("bob@example.com", "ADA", kPassword), browser);
  EXPECT_EQ(taken.status, 409U);
  EXPECT_EQ(taken.code(), "USERNAME_TAKEN");
}

// "I", "l" and "1", "O" and "0", "rn" and "m" look the same in many a font.
TEST_P(Login, RefusesANameThatLooksLikeSomebodyElses) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("will-modern0");
  for (const std::string imitation :
       {"wiII-modern0", "will-rnodern0", "w1ll-modernO", "WILL-MODERN0", "wlll-modern0"}) {
    Browser other;
    EXPECT_EQ(
        world.post("/api/auth/register", account("x@y.z", imitation, kPassword), other).code(),
        "USERNAME_TAKEN")
        << imitation;
  }
  Browser bob = world.registered("bob");
  EXPECT_EQ(world.patch("/api/users/me", {{"username", "wi11-modern0"}}, bob).code(),
            "USERNAME_TAKEN");
  EXPECT_EQ(world.patch("/api/users/me", {{"username", "Will-Modern0"}}, browser).status, 200U)
      << "the owner may write it otherwise";
  EXPECT_EQ(world.patch("/api/users/me", {{"username", "will"}}, browser).status, 200U);
  EXPECT_EQ(world.patch("/api/users/me", {{"username", "wi11-modern0"}}, bob).status, 200U)
      << "it is free";
}

TEST_P(Login, OneOfSixteenNamesThatLookAlikeSucceeds) {
  AccountsWorld world(database.url());
  std::vector<http::Request> requests;
  for (int i = 0; i < 16; ++i) {
    std::string name = "illi";
    for (std::size_t at = 0; at < 4; ++at) name[at] = (i >> at) % 2 == 1 ? '1' : 'I';
    const auto body = account("mail" + std::to_string(i) + "@example.com", name, kPassword);
    requests.push_back(AccountsWorld::make_request(http::Method::Post, "/api/auth/register",
                                                   boost::json::serialize(body), {}));
  }
  int created = 0, taken = 0;
  for (const Answer& answer : world.ask_all(std::move(requests))) {
    created += answer.status == 201;
    taken += answer.code() == "USERNAME_TAKEN";
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(taken, 15);
}

TEST_P(Login, OneOfThirtyTwoRegistrationsOfANameSucceeds) {
  AccountsWorld world(database.url());
  std::vector<http::Request> requests;
  for (int i = 0; i < 32; ++i) {
    const auto body =
        account("mail" + std::to_string(i) + "@example.com", i % 2 ? "Ada" : "ada", kPassword);
    requests.push_back(AccountsWorld::make_request(http::Method::Post, "/api/auth/register",
                                                   boost::json::serialize(body), {}));
  }
  int created = 0, taken = 0;
  for (const Answer& answer : world.ask_all(std::move(requests))) {
    created += answer.status == 201;
    taken += answer.code() == "USERNAME_TAKEN";
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(taken, 31);
}

TEST_P(Login, RefusesWhatTheRulesForbidAndNamesEachField) {
  AccountsWorld world(database.url());
  Browser browser;
  struct Case {
    std::string email, username, password, field;
  };
  const std::string long_local(64, 'a');
  const std::vector<Case> cases{
      {"no-at.example.com", "ada", kPassword, "email"},
      {"a@-b.com", "ada", kPassword, "email"},
      {"a@b..com", "ada", kPassword, "email"},
      {"a b@c.de", "ada", kPassword, "email"},
      {"a@b.c\r\nSet-Cookie: x=y", "ada", kPassword, "email"},
      {"a@" + std::string(260, 'b'), "ada", kPassword, "email"},
      {"a@b.c", "ab", kPassword, "username"},
      {"a@b.c", std::string(33, 'a'), kPassword, "username"},
      {"a@b.c", "a b", kPassword, "username"},
      {"a@b.c", "ada'; DROP TABLE \"User\"; --", kPassword, "username"},
      {"a@b.c", "\u00E4da", kPassword, "username"},
      {"a@b.c", "a\u0434a", kPassword, "username"},            // Cyrillic
      {"a@b.c", "ada\u202Exyz", kPassword, "username"},        // right to left from here on
      {"a@b.c", "ada\u2066xyz", kPassword, "username"},        // an isolate
      {"a@b.c", "a\u200Bda", kPassword, "username"},           // takes no room
      {"a@b.c", "a\u00ADda", kPassword, "username"},           // a soft hyphen
      {"a@b.c", "ada\uFE0F", kPassword, "username"},           // a variation selector
      {"a@b.c", "ada\U000E0041", kPassword, "username"},       // a tag character
      {"a@b.c", "\uFF41\uFF44\uFF41", kPassword, "username"},  // full width
      {"a@b.c", "a\u0308da", kPassword, "username"},           // not NFC
      {"a@b.c", " ada", kPassword, "username"},
      {"a@b.c", "ada\n", kPassword, "username"},
      {"a@b.c", "ada", "1234567", "password"},
      {"a@b.c", "ada", std::string(73, 'x'), "password"},
      {"a@b.c", "ada",
       "\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC"
       "\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC"
       "\u20AC",
       "password"},  // 25 characters, 75 bytes
      {"a@b.c", "ada", "Password123", "password"},
      {"a@b.c", "ada-lovelace", "Ada-Lovelace", "password"},
      {"adalove@b.c", "ada", "AdaLove@b.c", "password"}};
  for (const Case& one : cases) {
    const Answer answer =
        world.post("/api/auth/register", account(one.email, one.username, one.password), browser);
    EXPECT_EQ(answer.status, 400U) << one.email << one.username << one.password;
    EXPECT_EQ(answer.code(), "VALIDATION_ERROR");
    EXPECT_EQ(answer.text("/details/0/field"), one.field) << answer.body;
  }
  const Answer all = world.post("/api/auth/register", account("x", "y", "z"), browser);
  EXPECT_EQ(all.body.at("details").as_array().size(), 3U);
  const Answer seventy_two =
      world.post("/api/auth/register", account("a@b.c", "ada", std::string(72, 'x')), browser);
  EXPECT_EQ(seventy_two.status, 201U);
}

TEST_P(Login, RefusesBodiesThatAreNotTheContracts) {
  AccountsWorld world(database.url());
  const std::vector<std::string> bodies{"{",
                                        "[]",
                                        "\"x\"",
                                        R"({"email":"a@b.c","password":1})",
                                        R"({"email":"a@b.c"})",
                                        R"({"email":"a@b.c","password":"x","admin":true})",
                                        R"({"email":"a@b.c","email":"d@e.f","password":"x"})",
                                        R"({"email":"a@b.c","password":"\u0000"})",
                                        R"({"email":"a@b.c","password":"\uD800"})",
                                        std::string(40, '[') + std::string(40, ']'),
                                        "{\"email\":\"a@b.c\",\"password\":\"\xFF\"}",
                                        R"({"email":"","password":""})"};
  for (const std::string& body : bodies) {
    const Answer answer =
        world.ask(AccountsWorld::make_request(http::Method::Post, "/api/auth/login", body, {}));
    EXPECT_EQ(answer.status, 400U) << body;
    EXPECT_EQ(answer.code(), "VALIDATION_ERROR") << body;
  }
}

TEST_P(Login, TakesSqlForWhatItIs) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  for (const std::string sql : {"' OR '1'='1", "ada@example.com' --", "\"; DROP TABLE \"User\"; --",
                                "$1", ":name", "%", "\\"}) {
    Browser stranger;
    EXPECT_EQ(world.login(sql, sql, stranger).status, 401U) << sql;
    EXPECT_EQ(world.login("ada@example.com", sql, stranger).status, 401U) << sql;
    world.now += 20min;  // not a matter of lockout
  }
  world.now -= 7 * 20min;
  EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
}

TEST_P(Login, TakesSqlForWhatItIsInEveryOtherField) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  const std::string slug = world.post("/api/rooms", {{"name", "x"}}, ada).text("/slug");
  const std::string room_id = world.run(world.rooms.find_by_slug(slug))->id;
  const std::string user_id = world.get("/api/users/me", ada).text("/id");
  for (const std::string sql : {"x' OR '1'='1", "x\"; DROP TABLE \"User\"; --", "x$1 :name % \\"}) {
    const Answer room = world.post("/api/rooms", {{"name", sql}}, ada);
    EXPECT_EQ(room.text("/name"), sql);
    EXPECT_EQ(world.patch("/api/rooms/" + slug, {{"name", sql}}, ada).text("/name"), sql);
    EXPECT_EQ(world.post("/api/rooms", {{"name", "x"}, {"slug", sql}}, ada).status, 400U);
    EXPECT_EQ(world.get("/api/rooms/" + sql, ada).status, 404U);
    EXPECT_EQ(world.get("/api/users/" + sql, ada).status, 404U);
    EXPECT_EQ(world.get("/api/rooms?cursor=" + sql, ada).status, 400U);
    EXPECT_EQ(world.get("/api/rooms?limit=" + sql, ada).status, 400U);
    EXPECT_EQ(world.get("/api/rooms/" + slug + "/messages?before=" + sql, ada).status, 400U);
    EXPECT_EQ(world.patch("/api/users/me", {{"username", sql}}, ada).status, 400U);
    const auto stored = world.run(world.chat.store(room_id, {user_id, {}, "ada", {}}, sql, sql));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->message.content, sql);
  }
  EXPECT_EQ(world.get("/api/users/me", ada).text("/username"), "ada");
}

TEST_P(Login, SaysTheSameForAWrongPasswordAndAnUnknownEmail) {
  AccountsWorld world(database.url());
  world.registered("ada");
  Browser browser;
  const Answer wrong = world.login("ada@example.com", "not the password", browser);
  const Answer unknown = world.login("bob@example.com", "not the password", browser);
  EXPECT_EQ(wrong.status, 401U);
  EXPECT_EQ(wrong.code(), "UNAUTHORIZED");
  EXPECT_EQ(wrong.response.body, unknown.response.body);
  EXPECT_EQ(wrong.response.headers.size(), unknown.response.headers.size());
  EXPECT_TRUE(browser.cookies.empty());
}

TEST_P(Login, TakesTheSameTimeForAWrongPasswordAndAnUnknownEmail) {
  AccountsWorld world(database.url(), {.bcrypt_rounds = 10});
  world.registered("ada");
  const auto time_of = [&](const std::string& email) {
    Browser browser;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(world.login(email, "not the password", browser).status, 401U);
    world.now += 20min;  // failures are forgotten: no lockout
    return std::chrono::steady_clock::now() - start;
  };
  // The quickest of many is what noise of the machine does not touch. Without the decoy hash the
  // unknown e-mail would be answered in a hundredth of the time.
  auto wrong = std::chrono::steady_clock::duration::max(), unknown = wrong;
  for (int i = 0; i < 7; ++i) {
    wrong = std::min(wrong, time_of("ada@example.com"));
    unknown = std::min(unknown, time_of("bob@example.com"));
  }
  EXPECT_LT(unknown * 2, wrong * 3);
  EXPECT_LT(wrong * 2, unknown * 3);
}

TEST_P(Login, NeverCutsAPasswordAtSeventyTwoBytes) {
  AccountsWorld world(database.url());
  Browser browser;
  const std::string whole(72, 'x');
  ASSERT_EQ(world.post("/api/auth/register", account("a@b.c", "ada", whole), browser).status, 201U);
  EXPECT_EQ(world.login("a@b.c", whole + "y", browser).status, 401U);
  EXPECT_EQ(world.login("a@b.c", whole, browser).status, 200U);
}

TEST_P(Login, MovesAHashToTheRoundsInForce) {
  const auto rounds = [&](AccountsWorld& world) {
    const auto account = world.run(world.auth_store.find("ada@example.com", {}, world.now));
    return account->account->password_hash.substr(0, 7);
  };
  {
    AccountsWorld world(database.url(), {.bcrypt_rounds = 4});
    world.registered("ada");
    EXPECT_EQ(rounds(world), "$2b$04$");
  }
  AccountsWorld world(database.url(), {.bcrypt_rounds = 5});
  Browser browser;
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
  EXPECT_EQ(rounds(world), "$2b$05$");
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
}

TEST_P(Login, AStormIsRefusedBeyondTheQueueAndStarvesNobody) {
  AccountsWorld world(database.url(), {.bcrypt_rounds = 8, .password_waiting_max = 4});
  Browser browser = world.registered("ada");
  std::vector<http::Request> requests;
  for (int i = 0; i < 40; ++i) {
    const boost::json::value body{{"email", "ada@example.com"}, {"password", kPassword}};
    requests.push_back(AccountsWorld::make_request(http::Method::Post, "/api/auth/login",
                                                   boost::json::serialize(body), {}));
  }
  requests.push_back(AccountsWorld::make_request(http::Method::Get, "/api/users/me", "", browser));
  const auto answers = world.ask_all(std::move(requests));
  int good = 0, refused = 0;
  for (const Answer& answer : answers) {
    good += answer.status == 200;
    refused += answer.status == 429 && answer.code() == "RATE_LIMITED";
    if (answer.status == 429) EXPECT_NE(answer.header("Retry-After"), "");
  }
  EXPECT_EQ(answers.back().status, 200U);
  EXPECT_EQ(good + refused, 41);
  EXPECT_GE(good, 7);
  EXPECT_GE(refused, 1);
}

TEST_P(Login, ForeignOriginsChangeNothing) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  const std::vector<std::pair<http::Method, std::string>> routes{
      {http::Method::Post, "/api/auth/register"}, {http::Method::Post, "/api/auth/login"},
      {http::Method::Post, "/api/auth/refresh"},  {http::Method::Post, "/api/auth/logout"},
      {http::Method::Patch, "/api/users/me"},     {http::Method::Delete, "/api/users/me"},
      {http::Method::Post, "/api/rooms"},         {http::Method::Patch, "/api/rooms/abc"},
      {http::Method::Delete, "/api/rooms/abc"}};
  for (const auto& [method, path] : routes) {
    for (const std::string origin :
         {"https://evil.example", "null", "http://localhost:3000.evil.example"}) {
      http::Request request = AccountsWorld::make_request(method, path, "{}", browser);
      request.headers.emplace_back("Origin", origin);
      const Answer answer = world.ask(std::move(request));
      EXPECT_EQ(answer.status, 403U) << path << origin;
      EXPECT_EQ(answer.code(), "FORBIDDEN");
    }
  }
  EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
}

INSTANTIATE_ON_BOTH_DATABASES(Login);

}  // namespace
}  // namespace server
