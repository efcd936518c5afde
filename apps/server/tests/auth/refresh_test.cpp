// The life of a login: rotation, two tabs, theft, logout, on both databases.
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "accounts_world.hpp"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::AccountsWorld;
using testing::Answer;
using testing::Browser;

const std::string kPassword{AccountsWorld::kPassword};

class Refresh : public ::testing::TestWithParam<testing::Backend> {
 protected:
  testing::EmptyDatabase database{GetParam()};
};

Answer refresh(AccountsWorld& world, Browser& browser) {
  return world.post("/api/auth/refresh", nullptr, browser);
}

std::vector<http::Request> refreshes(const Browser& browser, int count) {
  std::vector<http::Request> requests;
  for (int i = 0; i < count; ++i) {
    requests.push_back(
        AccountsWorld::make_request(http::Method::Post, "/api/auth/refresh", "", browser));
  }
  return requests;
}

std::string new_refresh_token(const Answer& answer) {
  Browser taker;
  taker.take(answer.response);
  return taker.cookies["refresh_token"];
}

bool ended_all(const std::vector<cluster::Event>& events) {
  return std::ranges::any_of(events, [](const cluster::Event& event) {
    const auto* ended = std::get_if<cluster::LoginEnded>(&event);
    return ended != nullptr && !ended->sid && !ended->except_sid;
  });
}

TEST_P(Refresh, RotatesAtEveryUse) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  std::set<std::string> tokens{browser.cookies["refresh_token"]};
  for (int i = 0; i < 10; ++i) {
    world.now += 10min;
    const Answer answer = refresh(world, browser);
    ASSERT_EQ(answer.status, 200U) << answer.body;
    EXPECT_EQ(answer.text("/user/username"), "ada");
    EXPECT_TRUE(tokens.insert(browser.cookies["refresh_token"]).second);
    EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
  }
}

TEST_P(Refresh, AnAccessTokenEndsAfterFifteenMinutesAndARefreshTokenAfterSevenDays) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  world.now += 899s;
  EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
  world.now += 1s;
  EXPECT_EQ(world.get("/api/users/me", browser).status, 401U);
  Browser late = browser;
  world.now += std::chrono::days(7) - 900s - 1s;
  EXPECT_EQ(refresh(world, browser).status, 200U);
  world.now += std::chrono::days(7);
  EXPECT_EQ(refresh(world, browser).status, 401U);
  EXPECT_TRUE(browser.cookies.empty());
  EXPECT_EQ(refresh(world, late).status, 401U);
}

TEST_P(Refresh, TwoTabsGetTheSameSuccessorForTenSeconds) {
  AccountsWorld world(database.url());
  Browser first = world.registered("ada");
  Browser second = first;
  ASSERT_EQ(refresh(world, first).status, 200U);
  world.now += 9s + 999ms;
  ASSERT_EQ(refresh(world, second).status, 200U);
  EXPECT_EQ(first.cookies["refresh_token"], second.cookies["refresh_token"]);
  EXPECT_EQ(world.get("/api/users/me", first).status, 200U);
  EXPECT_EQ(world.get("/api/users/me", second).status, 200U);
  EXPECT_EQ(refresh(world, second).status, 200U);
}

TEST_P(Refresh, AUsedTokenThatComesBackEndsAllLoginsOfTheUser) {
  AccountsWorld world(database.url());
  Browser phone = world.registered("ada");
  Browser laptop;
  ASSERT_EQ(world.login("ada@example.com", kPassword, laptop).status, 200U);
  Browser bob = world.registered("bob");
  Browser thief = phone;
  ASSERT_EQ(refresh(world, phone).status, 200U);
  world.now += 10s;
  const Answer answer = refresh(world, thief);
  EXPECT_EQ(answer.status, 401U);
  EXPECT_EQ(answer.code(), "UNAUTHORIZED");
  EXPECT_TRUE(thief.cookies.empty());
  EXPECT_TRUE(ended_all(world.events));
  for (Browser* victim : {&phone, &laptop}) {
    EXPECT_EQ(world.get("/api/users/me", *victim).status, 401U);
    EXPECT_EQ(refresh(world, *victim).status, 401U);
  }
  EXPECT_EQ(world.get("/api/users/me", bob).status, 200U);
  EXPECT_EQ(world.login("ada@example.com", kPassword, phone).status, 200U);
  EXPECT_EQ(world.get("/api/users/me", phone).status, 200U);
}

TEST_P(Refresh, WithinTheGraceAnotherClientIsAThief) {
  for (const bool other_agent : {false, true}) {
    testing::EmptyDatabase fresh(GetParam());
    AccountsWorld world(fresh.url());
    Browser browser = world.registered("ada");
    Browser thief = browser;
    if (other_agent) thief.user_agent = "curl";
    if (!other_agent) thief.address = "203.0.113.9";
    ASSERT_EQ(refresh(world, browser).status, 200U);
    EXPECT_EQ(refresh(world, thief).status, 401U);
    EXPECT_EQ(world.get("/api/users/me", browser).status, 401U);
  }
}

TEST_P(Refresh, AThousandAtOnceOfOneClientGetOneSuccessor) {
  AccountsWorld world(database.url());
  const Browser browser = world.registered("ada");
  std::set<std::string> successors;
  for (const Answer& answer : world.ask_all(refreshes(browser, 1000))) {
    ASSERT_EQ(answer.status, 200U) << answer.body;
    successors.insert(new_refresh_token(answer));
  }
  EXPECT_EQ(successors.size(), 1U);
  EXPECT_FALSE(ended_all(world.events));
}

TEST_P(Refresh, AThousandAtOnceOverTwoServersGetOneSuccessor) {
  AccountsWorld world(database.url());
  AccountsWorld twin(database.url());
  const Browser browser = world.registered("ada");
  twin.now = world.now;
  std::vector<Answer> theirs;
  std::thread other([&] { theirs = twin.ask_all(refreshes(browser, 500)); });
  std::vector<Answer> ours = world.ask_all(refreshes(browser, 500));
  other.join();
  std::set<std::string> successors;
  for (const auto* answers : {&ours, &theirs}) {
    for (const Answer& answer : *answers) {
      ASSERT_EQ(answer.status, 200U) << answer.body;
      successors.insert(new_refresh_token(answer));
    }
  }
  EXPECT_EQ(successors.size(), 1U);
}

TEST_P(Refresh, AThousandAtOnceOfTwoClientsAreTheft) {
  AccountsWorld world(database.url());
  const Browser browser = world.registered("ada");
  Browser thief = browser;
  thief.address = "203.0.113.9";
  std::vector<http::Request> requests = refreshes(browser, 500);
  std::ranges::move(refreshes(thief, 500), std::back_inserter(requests));
  for (std::size_t i = 0; i < 500; i += 2) std::swap(requests[i], requests[i + 500]);
  std::set<std::string> successors;
  int refused = 0;
  for (const Answer& answer : world.ask_all(std::move(requests))) {
    if (answer.status == 200) successors.insert(new_refresh_token(answer));
    refused += answer.status == 401;
  }
  EXPECT_LE(successors.size(), 1U);
  EXPECT_GE(refused, 1);
  EXPECT_TRUE(ended_all(world.events));
  EXPECT_EQ(world.get("/api/users/me", browser).status, 401U);
  Browser holder = browser;
  if (!successors.empty()) holder.cookies["refresh_token"] = *successors.begin();
  EXPECT_EQ(refresh(world, holder).status, 401U);
}

TEST_P(Refresh, PhoneAndLaptopStayLoggedInBesideEachOther) {
  AccountsWorld world(database.url());
  Browser phone = world.registered("ada");
  Browser laptop;
  laptop.address = "203.0.113.9";
  ASSERT_EQ(world.login("ada@example.com", kPassword, laptop).status, 200U);
  for (int i = 0; i < 50; ++i) {
    world.now += 10min;
    ASSERT_EQ(refresh(world, phone).status, 200U) << i;
    if (i % 3 == 0) ASSERT_EQ(refresh(world, laptop).status, 200U) << i;
    ASSERT_EQ(world.get("/api/users/me", phone).status, 200U);
  }
}

TEST_P(Refresh, LogoutEndsItsOwnLoginAlone) {
  AccountsWorld world(database.url());
  Browser phone = world.registered("ada");
  Browser laptop;
  ASSERT_EQ(world.login("ada@example.com", kPassword, laptop).status, 200U);
  const Browser kept = phone;
  const Answer out = world.post("/api/auth/logout", nullptr, phone);
  EXPECT_EQ(out.status, 204U);
  EXPECT_TRUE(phone.cookies.empty());
  Browser replay = kept;
  EXPECT_EQ(world.get("/api/users/me", replay).status, 401U);
  EXPECT_EQ(refresh(world, replay).status, 401U);
  EXPECT_EQ(world.get("/api/users/me", laptop).status, 200U);
  EXPECT_EQ(refresh(world, laptop).status, 200U);
  const auto* ended = std::get_if<cluster::LoginEnded>(&world.events.front());
  ASSERT_NE(ended, nullptr);
  EXPECT_TRUE(ended->sid.has_value());
  EXPECT_FALSE(ended->except_sid.has_value());
}

TEST_P(Refresh, LogoutWorksWithEitherCookieAndNotWithout) {
  AccountsWorld world(database.url());
  for (const std::string dropped : {"access_token", "refresh_token"}) {
    Browser browser;
    if (dropped == "access_token") {
      browser = world.registered("ada");
    } else {
      ASSERT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
    }
    const Browser whole = browser;
    browser.cookies.erase(dropped);
    EXPECT_EQ(world.post("/api/auth/logout", nullptr, browser).status, 204U) << dropped;
    EXPECT_EQ(world.get("/api/users/me", whole).status, 401U);
  }
  Browser nobody;
  EXPECT_EQ(world.post("/api/auth/logout", nullptr, nobody).status, 401U);
}

TEST_P(Refresh, AnotherServerSeesALogoutWithinASecond) {
  AccountsWorld world(database.url());
  AccountsWorld twin(database.url());
  Browser browser = world.registered("ada");
  twin.now = world.now;
  const Browser kept = browser;
  EXPECT_EQ(twin.get("/api/users/me", kept).status, 200U);
  ASSERT_EQ(world.post("/api/auth/logout", nullptr, browser).status, 204U);
  twin.instant = twin.instant + 1s;
  EXPECT_EQ(twin.get("/api/users/me", kept).status, 401U);
}

TEST_P(Refresh, FindsTheLoginsThatAnotherServerEnded) {
  AccountsWorld here(database.url());
  AccountsWorld there(database.url());
  const auto sid_of = [&](const Browser& browser) {
    return here.tokens.read_access(here.now, browser.cookies.at("access_token"))->sid;
  };
  Browser ada = here.registered("ada");
  there.now = here.now;
  Browser bob = here.registered("bob");
  const std::string ended = sid_of(ada);
  const std::vector<std::string> sids{ended, sid_of(bob)};
  EXPECT_THAT(*there.run(there.auth_store.find_ended(sids, there.now)), ::testing::IsEmpty());
  ASSERT_EQ(here.post("/api/auth/logout", nullptr, ada).status, 204U);
  EXPECT_THAT(*there.run(there.auth_store.find_ended(sids, there.now)),
              ::testing::ElementsAre(ended));
}

TEST_P(Refresh, KeepsAHundredLoginsOfAUserAndEndsTheOldest) {
  AccountsWorld world(database.url());
  Browser oldest = world.registered("ada");
  Browser newest;
  for (int i = 0; i < 100; ++i) {
    world.now += 1s;
    ASSERT_EQ(world.login("ada@example.com", kPassword, newest).status, 200U);
  }
  EXPECT_EQ(refresh(world, oldest).status, 401U);
  EXPECT_EQ(refresh(world, newest).status, 200U);
}

// A mobile network may lose the answer that brings the new token: the client asks again with the
// one that it has, gets the same answer, and goes on.
TEST_P(Refresh, AnAnswerThatWasLostIsGivenAgain) {
  AccountsWorld world(database.url());
  Browser browser = world.registered("ada");
  for (int i = 0; i < 3; ++i) {
    Browser lost = browser;
    ASSERT_EQ(refresh(world, lost).status, 200U);
    world.now += 9s;
    ASSERT_EQ(refresh(world, browser).status, 200U);
    EXPECT_EQ(browser.cookies["refresh_token"], lost.cookies["refresh_token"]);
    EXPECT_EQ(world.get("/api/users/me", browser).status, 200U);
    world.now += 1min;
  }
  EXPECT_FALSE(ended_all(world.events));
}

class KeyRotation : public Refresh {
 protected:
  static constexpr const char* kNewAccess = "a newer access secret, 32 bytes or more";
  static constexpr const char* kNewRefresh = "a newer refresh secret, 32 bytes or more";
  const std::string old_access{testing::kAccessSecret}, old_refresh{testing::kRefreshSecret};

  // A server that signs with the new secrets, with or without knowing the old ones.
  std::unique_ptr<AccountsWorld> server(auth::TokenSecrets secrets) {
    auto made = std::make_unique<AccountsWorld>(
        database.url(), testing::WorldOptions{.secrets = std::move(secrets)});
    return made;
  }
};

TEST_P(KeyRotation, ThePreviousSecretVerifiesAndTheNewOneSigns) {
  AccountsWorld before(database.url());
  Browser browser = before.registered("ada");
  const Browser old = browser;
  const auto between = server({kNewAccess, kNewRefresh, old_access, old_refresh});
  between->now = before.now;
  EXPECT_EQ(between->get("/api/users/me", old).status, 200U);
  ASSERT_EQ(refresh(*between, browser).status, 200U);
  EXPECT_EQ(between->get("/api/users/me", browser).status, 200U);

  const auto after = server({kNewAccess, kNewRefresh, {}, {}});
  after->now = before.now;
  EXPECT_EQ(after->get("/api/users/me", browser).status, 200U);
  EXPECT_EQ(after->get("/api/users/me", old).status, 401U);
  EXPECT_EQ(refresh(*after, browser).status, 200U);
  EXPECT_EQ(before.get("/api/users/me", browser).status, 401U) << "signed with the new one alone";
  Browser forger = old;
  EXPECT_EQ(refresh(*after, forger).status, 401U);
  EXPECT_EQ(after->get("/api/users/me", browser).status, 200U)
      << "a token of a forgotten secret is no theft";
}

TEST_P(KeyRotation, TwoTabsGetTheSameSuccessorFromServersOfBothSecrets) {
  const auto first = server({old_access, old_refresh, kNewAccess, kNewRefresh});
  const auto second = server({kNewAccess, kNewRefresh, old_access, old_refresh});
  second->now = first->now;
  Browser browser = first->registered("ada");
  for (AccountsWorld* one : {first.get(), second.get()}) {
    AccountsWorld& other = one == first.get() ? *second : *first;
    Browser tab = browser;
    ASSERT_EQ(refresh(*one, browser).status, 200U);
    ASSERT_EQ(refresh(other, tab).status, 200U);
    EXPECT_EQ(tab.cookies["refresh_token"], browser.cookies["refresh_token"]);
    EXPECT_EQ(other.get("/api/users/me", tab).status, 200U);
  }
}

TEST_P(Refresh, ForgedAndMisusedTokensAreNobodys) {
  AccountsWorld world(database.url());
  const Browser browser = world.registered("ada");
  const std::string access = browser.cookies.at("access_token");
  const std::string refresh_token = browser.cookies.at("refresh_token");
  const auto claims = world.tokens.read_access(world.now, access);
  ASSERT_TRUE(claims);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(world.now.time_since_epoch()).count();
  const boost::json::object good{{"sub", claims->user_id}, {"email", "ada@example.com"},
                                 {"username", "ada"},      {"tokenVersion", 0},
                                 {"sid", claims->sid},     {"iat", seconds},
                                 {"exp", seconds + 900}};
  const auth::JwtKey key(testing::kAccessSecret);
  const auto with = [&](std::string_view name, boost::json::value value) {
    boost::json::object changed = good;
    changed[name] = std::move(value);
    return key.sign(changed);
  };
  const auto without = [&](std::string_view name) {
    boost::json::object changed = good;
    changed.erase(name);
    return key.sign(changed);
  };
  const auto status = [&](const std::string& token) {
    Browser forger;
    forger.cookies["access_token"] = token;
    return world.get("/api/users/me", forger).status;
  };
  EXPECT_EQ(status(key.sign(good)), 200U);
  const std::string payload = access.substr(access.find('.'), access.rfind('.') - access.find('.'));
  EXPECT_EQ(status("eyJhbGciOiJub25lIn0" + payload + "."), 401U);  // alg none
  EXPECT_EQ(status("eyJhbGciOiJub25lIn0" + payload + access.substr(access.rfind('.'))), 401U);
  EXPECT_EQ(status(access.substr(0, access.rfind('.') + 1)), 401U);  // no signature
  EXPECT_EQ(status(auth::JwtKey("another key of 32 bytes or more....").sign(good)), 401U);
  EXPECT_EQ(status(refresh_token), 401U);
  EXPECT_EQ(status(without("exp")), 401U);
  EXPECT_EQ(status(without("sid")), 401U);
  EXPECT_EQ(status(without("tokenVersion")), 401U);
  EXPECT_EQ(status(with("exp", seconds)), 401U);
  EXPECT_EQ(status(with("iat", seconds + 3600)), 401U);
  EXPECT_EQ(status(with("tokenVersion", -1)), 401U);
  EXPECT_EQ(status(with("tokenVersion", "0")), 401U);
  EXPECT_EQ(status(with("sid", "' OR 1=1 --")), 401U);
  EXPECT_EQ(status(with("sub", "somebody-else")), 401U);
  EXPECT_EQ(status(with("sub", boost::json::string(claims->user_id + std::string(1, '\0')))), 401U);
  EXPECT_EQ(status(with("sid", boost::json::string(claims->sid + std::string(1, '\0') + "x"))),
            401U);
  EXPECT_EQ(status(with("aud", "another service")), 401U);
  EXPECT_EQ(status(with("iss", "https://evil.example")), 401U);
  EXPECT_EQ(status(""), 401U);
  EXPECT_EQ(status(std::string(100'000, 'a')), 401U);

  Browser forger;
  forger.cookies["refresh_token"] = access;
  EXPECT_EQ(refresh(world, forger).status, 401U);
  EXPECT_EQ(world.get("/api/users/me", browser).status, 200U) << "an attack ended the login";
}

TEST_P(Refresh, IdentifyTellsNoCookieFromABadOne) {
  AccountsWorld world(database.url());
  const Browser browser = world.registered("ada");
  const auto identify = [&](const Browser& who) {
    const http::Request request =
        AccountsWorld::make_request(http::Method::Get, "/socket.io/", "", who);
    return world.run(world.auth.identify(request));
  };
  const auto good = identify(browser);
  ASSERT_TRUE(good && *good);
  EXPECT_EQ((*good)->username, "ada");
  const auto none = identify({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
  Browser bad;
  bad.cookies["access_token"] = "x";
  const auto refused = identify(bad);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "UNAUTHORIZED");
}

INSTANTIATE_ON_BOTH_DATABASES(Refresh);
INSTANTIATE_ON_BOTH_DATABASES(KeyRotation);

}  // namespace
}  // namespace server
