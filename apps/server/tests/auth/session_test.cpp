// How long a login lasts at most, and its owner's list of logins, on both databases.
#include <gmock/gmock.h>

#include "accounts_world.hpp"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::AccountsWorld;
using testing::Answer;
using testing::Browser;
namespace net = boost::asio;

const std::string kPassword{AccountsWorld::kPassword};
constexpr const char* kSessions = "/api/users/me/sessions";

class Sessions : public ::testing::TestWithParam<testing::Backend> {
 protected:
  testing::EmptyDatabase database{GetParam()};
};

std::string sid_of(AccountsWorld& world, const Browser& browser) {
  return world.tokens.read_access(world.now, browser.cookies.at("access_token"))->sid;
}

std::string user_id_of(AccountsWorld& world, const Browser& browser) {
  return world.tokens.read_access(world.now, browser.cookies.at("access_token"))->user_id;
}

Browser logged_in(AccountsWorld& world, const std::string& address, const std::string& agent) {
  Browser browser;
  browser.address = address;
  browser.user_agent = agent;
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
  return browser;
}

std::string id_at(const Answer& list, int index) {
  return list.text("/sessions/" + std::to_string(index) + "/id");
}

std::size_t count(const Answer& list) { return list.body.at("sessions").as_array().size(); }

// As the server does it every quarter of a second for the logins of its sockets.
void notice_ended(AccountsWorld& world, std::map<std::string, std::string> logins) {
  const auto work = [](AccountsWorld& there,
                       std::map<std::string, std::string> asked) -> net::awaitable<bool> {
    co_await there.auth.notice_ended(std::move(asked));
    co_return true;
  };
  world.run(work(world, std::move(logins)));
}

TEST_P(Sessions, ALoginEndsNinetyDaysAfterItBeganHoweverOftenItIsRenewed) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  const std::string sid = sid_of(world, browser), user_id = user_id_of(world, browser);
  for (int day = 0; day < 85; day += 5) {
    world.now += std::chrono::days(5);
    ASSERT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 200U) << day;
  }
  world.now += std::chrono::days(5) - 1s;
  ASSERT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 200U);
  EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
  notice_ended(world, {{sid, user_id}});
  EXPECT_TRUE(world.events.empty());

  world.now += 1s;
  world.instant = world.instant + 1s;
  EXPECT_EQ(world.get("/api/users/me", browser).status, 401U) << "its access token is a second old";
  EXPECT_EQ(world.patch("/api/users/me", {{"username", "other"}}, browser).status, 401U);
  EXPECT_EQ(world.get(kSessions, browser).status, 401U);
  notice_ended(world, {{sid, user_id}});
  ASSERT_EQ(world.events.size(), 1U) << "its sockets are to be closed";
  EXPECT_EQ(std::get<cluster::LoginEnded>(world.events[0]).sid, sid);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 401U);
  EXPECT_TRUE(browser.cookies.empty());
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
}

TEST_P(Sessions, SocketsOfALoginThatLiesIdleForSevenDaysAreClosed) {
  AccountsWorld world(database.url());
  const Browser browser = world.registered("ada");
  const std::string sid = sid_of(world, browser), user_id = user_id_of(world, browser);
  world.now += std::chrono::days(7);
  notice_ended(world, {{sid, user_id}});
  EXPECT_EQ(world.events.size(), 1U);
}

TEST_P(Sessions, TheListShowsEachLoginAndGivesNoSecretAway) {
  AccountsWorld world(database.url());
  const Browser first = world.registered("ada");
  world.registered("bob");
  world.now += 1s;
  Browser phone = logged_in(world, "2001:db8::7", "Phone/1 " + std::string(300, 'x') + "\xC3\xA4");
  world.now += 1s;
  phone.address = "198.51.100.9";
  phone.user_agent = "Pho\xFFne\t/2";
  ASSERT_EQ(world.post("/api/auth/refresh", nullptr, phone).status, 200U);

  const Answer list = world.get(kSessions, phone);
  ASSERT_EQ(list.status, 200U) << list.body;
  ASSERT_EQ(count(list), 2U);
  EXPECT_EQ(list.text("/sessions/0/address"), "198.51.100.9");
  EXPECT_EQ(list.text("/sessions/0/userAgent"), "Pho?ne?/2");
  EXPECT_LT(list.text("/sessions/0/createdAt"), list.text("/sessions/0/lastUsedAt"));
  EXPECT_TRUE(list.body.at_pointer("/sessions/0/current").as_bool());
  EXPECT_EQ(list.text("/sessions/1/address"), "192.0.2.1");
  EXPECT_FALSE(list.body.at_pointer("/sessions/1/current").as_bool());
  for (const Browser* browser : {&first, static_cast<const Browser*>(&phone)}) {
    EXPECT_THAT(list.response.body, ::testing::Not(::testing::HasSubstr(sid_of(world, *browser))));
  }
  world.now += 1s;
  const Answer long_one =
      world.get(kSessions, logged_in(world, "192.0.2.5", std::string(8000, 'x')));
  EXPECT_EQ(long_one.text("/sessions/0/userAgent"), std::string(160, 'x'));
  EXPECT_EQ(world.get(kSessions, {}).status, 401U);
}

TEST_P(Sessions, EndingOneEndsThatOneAtEveryServer) {
  AccountsWorld world(database.url());
  AccountsWorld twin(database.url());
  Browser laptop = world.registered("ada");
  world.now += 1s;
  Browser phone = logged_in(world, "198.51.100.9", "phone");
  twin.now = world.now;
  ASSERT_EQ(twin.get("/api/users/me", phone).status, 200U);
  const std::string sid = sid_of(world, phone), user_id = user_id_of(world, phone);

  const std::string id = id_at(world.get(kSessions, laptop), 0);
  const std::string path = std::string(kSessions) + "/" + id;
  EXPECT_EQ(world.remove(path, nullptr, laptop).status, 204U);
  ASSERT_EQ(world.events.size(), 1U);
  EXPECT_EQ(std::get<cluster::LoginEnded>(world.events[0]).sid, sid);
  EXPECT_EQ(world.get("/api/users/me", phone).status, 401U);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, phone).status, 401U);
  EXPECT_EQ(world.get("/api/users/me", laptop).status, 200U);
  EXPECT_EQ(world.remove(path, nullptr, laptop).status, 404U) << "it is over";

  twin.instant = twin.instant + 1s;
  EXPECT_EQ(twin.get("/api/users/me", phone).status, 401U);
  notice_ended(twin, {{sid, user_id}});
  ASSERT_EQ(twin.events.size(), 1U) << "its sockets there are to be closed";
}

TEST_P(Sessions, EndingTheOwnOneIsALogout) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  const Browser kept = browser;
  const std::string id = id_at(world.get(kSessions, browser), 0);
  EXPECT_EQ(world.remove(std::string(kSessions) + "/" + id, nullptr, browser).status, 204U);
  EXPECT_TRUE(browser.cookies.empty());
  EXPECT_EQ(world.get("/api/users/me", kept).status, 401U);
}

TEST_P(Sessions, SomebodyElsesIsNotFoundAndGoesOn) {
  AccountsWorld world(database.url());
  Browser ada = world.registered("ada");
  Browser bob = world.registered("bob");
  const std::string id = id_at(world.get(kSessions, ada), 0);
  for (const std::string& other : {id, sid_of(world, ada), std::string("' OR 1=1 --"),
                                   std::string("x"), std::string(1000, 'a')}) {
    const Answer answer = world.remove(std::string(kSessions) + "/" + other, nullptr, bob);
    EXPECT_EQ(answer.status, 404U) << other;
    EXPECT_EQ(answer.code(), "NOT_FOUND");
  }
  EXPECT_EQ(world.get("/api/users/me", ada).status, 200U);
  EXPECT_EQ(world.get("/api/users/me", bob).status, 200U);
  EXPECT_TRUE(world.events.empty());
}

TEST_P(Sessions, EndingAllOthersLeavesTheOneThatAsks) {
  AccountsWorld world(database.url());
  Browser laptop = world.registered("ada");
  Browser phone = logged_in(world, "198.51.100.9", "phone");
  Browser tablet = logged_in(world, "198.51.100.10", "tablet");
  const Browser bob = world.registered("bob");
  EXPECT_EQ(world.remove(kSessions, nullptr, phone).status, 204U);
  ASSERT_EQ(world.events.size(), 1U);
  const auto& ended = std::get<cluster::LoginEnded>(world.events[0]);
  EXPECT_FALSE(ended.sid);
  EXPECT_EQ(ended.except_sid, sid_of(world, phone));
  for (Browser* gone : {&laptop, &tablet}) {
    EXPECT_EQ(world.get("/api/users/me", *gone).status, 401U);
    EXPECT_EQ(world.post("/api/auth/refresh", nullptr, *gone).status, 401U);
  }
  EXPECT_EQ(count(world.get(kSessions, phone)), 1U);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, phone).status, 200U);
  EXPECT_EQ(world.get("/api/users/me", bob).status, 200U);
}

INSTANTIATE_ON_BOTH_DATABASES(Sessions);

}  // namespace
}  // namespace server
