// What people see and change of accounts, on both databases.
#include <gmock/gmock.h>

#include "../auth/accounts_world.hpp"
#include "user/user_admin_store.hpp"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::AccountsWorld;
using testing::Answer;
using testing::Browser;

const std::string kPassword{AccountsWorld::kPassword};
constexpr const char* kNewPassword = "another password 2";

class Users : public ::testing::TestWithParam<testing::Backend> {
 protected:
  testing::EmptyDatabase database{GetParam()};
};

TEST_P(Users, OthersSeeNameAndAgeAlone) {
  AccountsWorld world(database.url());
  const Browser browser = world.registered("ada");
  const std::string id = world.get("/api/users/me", browser).text("/id");
  const Answer answer = world.get("/api/users/" + id, {});
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body.as_object().size(), 3U);
  EXPECT_EQ(answer.text("/username"), "ada");
  EXPECT_EQ(answer.text("/id"), id);
  EXPECT_NE(answer.text("/createdAt"), "");
  const std::vector<std::string> none{"nobody",   "' OR '1'='1", "..", std::string(1000, 'a'),
                                      "\xFF\xFE", "%00"};
  for (const std::string& other : none) {
    const Answer missing = world.get("/api/users/" + other, {});
    EXPECT_EQ(missing.status, 404U) << other;
    EXPECT_EQ(missing.code(), "USER_NOT_FOUND");
  }
  http::Request nul = AccountsWorld::make_request(http::Method::Get, "/api/users/x", "", {});
  nul.path = std::string("/api/users/") + id + std::string(1, '\0');
  EXPECT_EQ(world.ask(std::move(nul)).status, 404U);
  EXPECT_EQ(world.get("/api/users/me", {}).status, 401U);
}

TEST_P(Users, ANewNameKeepsAllLoginsAndMakesNoTokens) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  Browser other;
  ASSERT_EQ(world.login("ada@example.com", kPassword, other).status, 200U);
  world.now += 5s;
  const Answer answer = world.patch("/api/users/me", {{"username", "lovelace"}}, browser);
  ASSERT_EQ(answer.status, 200U) << answer.body;
  EXPECT_EQ(answer.header("Set-Cookie"), "");
  EXPECT_EQ(answer.text("/username"), "lovelace");
  EXPECT_GT(answer.text("/updatedAt"), answer.text("/createdAt"));
  EXPECT_EQ(world.get("/api/users/me", other).text("/username"), "lovelace");
  EXPECT_EQ(world.get("/api/users/me", browser).response.body, answer.response.body);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 200U);
  ASSERT_EQ(world.events.size(), 1U);
  EXPECT_EQ(std::get<cluster::UserRenamed>(world.events[0]).username, "lovelace");
  Browser next;
  EXPECT_EQ(world
                .post("/api/auth/register",
                      {{"email", "x@y.z"}, {"username", "ada"}, {"password", kPassword}}, next)
                .status,
            201U)
      << "the old name is free";
}

// A username needs no password, so whoever stole an access token of fifteen minutes may set it. It
// must not buy them a login that lasts.
TEST_P(Users, AStolenAccessTokenNeverBecomesARefreshToken) {
  AccountsWorld world(database.url());
  Browser owner = world.registered("ada");
  Browser thief;
  thief.cookies["access_token"] = owner.cookies["access_token"];
  EXPECT_EQ(world.patch("/api/users/me", {{"username", "stolen"}}, thief).status, 200U);
  EXPECT_FALSE(thief.cookies.contains("refresh_token"));
  EXPECT_EQ(world
                .patch("/api/users/me",
                       {{"username", "stolen2"}, {"currentPassword", "a guess at it"}}, thief)
                .header("Set-Cookie"),
            "");
  world.now += 15min;
  EXPECT_EQ(world.get("/api/users/me", thief).status, 401U);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, owner).status, 200U)
      << "the owner's refresh token is still the newest";
}

TEST_P(Users, ANewPasswordEndsAllOtherLogins) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  Browser other;
  ASSERT_EQ(world.login("ada@example.com", kPassword, other).status, 200U);
  const Browser before = browser;
  const Answer answer = world.patch(
      "/api/users/me", {{"password", kNewPassword}, {"currentPassword", kPassword}}, browser);
  ASSERT_EQ(answer.status, 200U) << answer.body;
  EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
  EXPECT_EQ(world.get("/api/users/me", before).status, 401U) << "an old tokenVersion";
  EXPECT_EQ(world.get("/api/users/me", other).status, 401U);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, other).status, 401U);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 200U);
  ASSERT_EQ(world.events.size(), 1U);
  const auto& ended = std::get<cluster::LoginEnded>(world.events[0]);
  EXPECT_FALSE(ended.sid);
  EXPECT_TRUE(ended.except_sid);
  Browser next;
  EXPECT_EQ(world.login("ada@example.com", kPassword, next).status, 401U);
  EXPECT_EQ(world.login("ada@example.com", kNewPassword, next).status, 200U);
}

TEST_P(Users, ANewEmailIsLowerCaseAndNeedsThePassword) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  EXPECT_EQ(
      world.patch("/api/users/me", {{"email", "New@Mail.org"}}, browser).text("/details/0/field"),
      "currentPassword");
  const Answer answer = world.patch(
      "/api/users/me", {{"email", "New@Mail.org"}, {"currentPassword", kPassword}}, browser);
  ASSERT_EQ(answer.status, 200U) << answer.body;
  EXPECT_EQ(answer.text("/email"), "new@mail.org");
  Browser next;
  EXPECT_EQ(world.login("ada@example.com", kPassword, next).status, 401U);
  EXPECT_EQ(world.login("NEW@mail.org", kPassword, next).status, 200U);
}

TEST_P(Users, RefusesChangesThatAreNone) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  world.registered("bob");
  const auto code = [&](const boost::json::value& body) {
    return world.patch("/api/users/me", body, browser).code();
  };
  EXPECT_EQ(code(boost::json::object{}), "VALIDATION_ERROR");
  EXPECT_EQ(code({{"currentPassword", kPassword}}), "VALIDATION_ERROR");
  EXPECT_EQ(code({{"password", kNewPassword}}), "VALIDATION_ERROR");
  EXPECT_EQ(code({{"username", "x"}}), "VALIDATION_ERROR");
  EXPECT_EQ(code({{"username", nullptr}}), "VALIDATION_ERROR");
  EXPECT_EQ(code({{"id", "x"}}), "VALIDATION_ERROR");
  EXPECT_EQ(code({{"password", "ada@example.com"}, {"currentPassword", kPassword}}),
            "VALIDATION_ERROR");
  EXPECT_EQ(code({{"username", "BOB"}}), "USERNAME_TAKEN");
  EXPECT_EQ(code({{"email", "BOB@example.com"}, {"currentPassword", kPassword}}), "EMAIL_TAKEN");
  EXPECT_EQ(code({{"password", kNewPassword}, {"currentPassword", "wrong one"}}), "FORBIDDEN");
  EXPECT_EQ(world.get("/api/users/me", browser).text("/username"), "ada");
}

TEST_P(Users, ParallelRenamesToOneNameGiveItToOne) {
  AccountsWorld world(database.url());
  std::vector<http::Request> requests;
  for (int i = 0; i < 16; ++i) {
    const Browser browser = world.registered("user" + std::to_string(i));
    requests.push_back(AccountsWorld::make_request(http::Method::Patch, "/api/users/me",
                                                   R"({"username":"wanted"})", browser));
  }
  int got = 0, taken = 0;
  for (const Answer& answer : world.ask_all(std::move(requests))) {
    got += answer.status == 200;
    taken += answer.code() == "USERNAME_TAKEN";
  }
  EXPECT_EQ(got, 1);
  EXPECT_EQ(taken, 15);
}

TEST_P(Users, AWrongCurrentPasswordLocksOutTheLoginThatGuesses) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(world.remove("/api/users/me", {{"currentPassword", "wrong one"}}, browser).status,
              403U);
  }
  EXPECT_EQ(world.remove("/api/users/me", {{"currentPassword", kPassword}}, browser).status, 423U);
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 423U);
  Browser next;
  EXPECT_EQ(world.login("ada@example.com", kPassword, next).status, 200U) << "another device";
  EXPECT_EQ(world
                .patch("/api/users/me",
                       {{"password", kNewPassword}, {"currentPassword", kPassword}}, next)
                .status,
            200U);
  browser = next;
  for (int i = 0; i < 4; ++i) world.remove("/api/users/me", {{"currentPassword", "x"}}, browser);
  world.now += 15min - 1s;
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 200U);
  world.now += 1s;
  EXPECT_EQ(world.remove("/api/users/me", {{"currentPassword", kNewPassword}}, browser).status,
            204U);
}

TEST_P(Users, DeletionTakesRoomsAndMessagesAlong) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  Browser bob = world.registered("bob");
  const std::string ada_id = world.get("/api/users/me", ada).text("/id");
  const std::string bob_id = world.get("/api/users/me", bob).text("/id");
  const Answer hers = world.post("/api/rooms", {{"name", "hers"}, {"slug", "hers"}}, ada);
  const Answer his = world.post("/api/rooms", {{"name", "his"}, {"slug", "his"}}, bob);
  const auto write = [&](const Answer& room, const std::string& user, const std::string& text) {
    const auto stored =
        world.run(world.chat.store(room.text("/id"), {user, "", "x", ""}, text, text));
    EXPECT_TRUE(stored);
  };
  EXPECT_TRUE(world.run(world.rooms.record_visit(his.text("/id"), ada_id)));
  write(hers, ada_id, "one");
  write(hers, bob_id, "two");
  write(his, ada_id, "three");
  write(his, bob_id, "four");
  world.events.clear();

  const Browser kept = ada;
  EXPECT_EQ(world.remove("/api/users/me", boost::json::object{}, ada).status, 400U);
  EXPECT_EQ(world.remove("/api/users/me", {{"currentPassword", kPassword}}, ada).status, 204U);
  EXPECT_TRUE(ada.cookies.empty());
  EXPECT_EQ(world.get("/api/users/me", kept).status, 401U);
  EXPECT_EQ(world.get("/api/users/" + ada_id, {}).status, 404U);
  EXPECT_EQ(world.get("/api/rooms/hers", {}).code(), "ROOM_NOT_FOUND");
  const Answer left = world.get("/api/rooms/his/messages", bob);
  ASSERT_EQ(left.body.at("messages").as_array().size(), 1U);
  EXPECT_EQ(left.text("/messages/0/content"), "four");
  ASSERT_EQ(world.events.size(), 2U);
  EXPECT_EQ(std::get<cluster::LoginEnded>(world.events[0]).user_id, ada_id);
  EXPECT_EQ(std::get<cluster::RoomDeleted>(world.events[1]).room_id, hers.text("/id"));
  Browser next;
  EXPECT_EQ(world.login("ada@example.com", kPassword, next).status, 401U);
}

TEST_P(Users, AnOperatorCreatesListsUnlocksAndDeletes) {
  AccountsWorld world(database.url());
  db::Connection connection(database.url());
  user::UserAdminStore admin(connection, world.random, 4, world.now);
  const auto made = admin.create("Ada@Example.com", "Ada", kPassword);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->email, "ada@example.com");
  EXPECT_EQ(admin.create("ada@example.com", "other", kPassword).error().code, "EMAIL_TAKEN");
  EXPECT_EQ(admin.create("b@example.com", "ADA", kPassword).error().code, "USERNAME_TAKEN");
  EXPECT_EQ(admin.create("b", "x", "y").error().details.size(), 3U);
  world.registered("bob");

  Browser browser;
  for (int i = 0; i < 5; ++i) world.login("ada@example.com", "wrong password", browser);
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 423U);
  auto users = admin.list("", 10);
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[0].user.id, made->id);
  EXPECT_TRUE(users[0].is_locked);
  EXPECT_FALSE(users[1].is_locked);
  EXPECT_EQ(admin.list("ada@example.com", 10).size(), 1U);
  EXPECT_TRUE(admin.unlock("ADA@example.com"));
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
  ASSERT_EQ(world.post("/api/rooms", {{"name", "x"}, {"slug", "adas"}}, browser).status, 201U);

  EXPECT_TRUE(admin.remove("ada@example.com"));
  world.instant = world.instant + 1s;
  EXPECT_EQ(world.get("/api/users/me", browser).status, 401U);
  EXPECT_EQ(world.get("/api/rooms/adas", {}).status, 404U);
  for (const auto& result : {admin.unlock("ada@example.com"), admin.remove("ada@example.com"),
                             admin.set_password("ada@example.com", kNewPassword)}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "USER_NOT_FOUND");
  }
}

TEST_P(Users, AnOperatorsNewPasswordEndsAllLogins) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
  db::Connection connection(database.url());
  user::UserAdminStore admin(connection, world.random, 4, world.now);
  EXPECT_EQ(admin.set_password("ada@example.com", "password1").error().code, "VALIDATION_ERROR");
  EXPECT_TRUE(admin.set_password("ada@example.com", kNewPassword));
  world.instant = world.instant + 1s;
  EXPECT_EQ(world.get("/api/users/me", browser).status, 401U);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 401U);
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 401U);
  EXPECT_EQ(world.login("ada@example.com", kNewPassword, browser).status, 200U);
}

INSTANTIATE_ON_BOTH_DATABASES(Users);

}  // namespace
}  // namespace server
