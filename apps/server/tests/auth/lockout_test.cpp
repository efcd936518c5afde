// How often passwords may be guessed, and that guessing keeps nobody else out, on both databases.
#include <gmock/gmock.h>

#include <set>

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
namespace net = boost::asio;

const std::string kPassword{AccountsWorld::kPassword};

class Lockout : public ::testing::TestWithParam<testing::Backend> {
 protected:
  testing::EmptyDatabase database{GetParam()};
};

TEST_P(Lockout, LocksKnownAndUnknownEmailsAlike) {
  AccountsWorld world(database.url());
  world.registered("ada");
  for (const std::string email : {"ada@example.com", "Nobody@example.com"}) {
    Browser browser;
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(world.login(email, "wrong password", browser).status, 401U) << email << i;
    }
    const Answer locked = world.login(email, kPassword, browser);
    EXPECT_EQ(locked.status, 423U) << email;
    EXPECT_EQ(locked.code(), "ACCOUNT_LOCKED");
    EXPECT_EQ(locked.header("Retry-After"), "900");
  }
  world.now += 14min + 59s;
  Browser browser;
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 423U);
  world.now += 1s;
  EXPECT_EQ(world.login("nobody@EXAMPLE.com", "wrong password", browser).status, 401U);
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
}

TEST_P(Lockout, ForgetsFailuresAfterTheRightPasswordAndAfterAWhile) {
  AccountsWorld world(database.url());
  world.registered("ada");
  Browser browser;
  const auto fail = [&](int times, const std::string& email) {
    for (int i = 0; i < times; ++i) {
      EXPECT_EQ(world.login(email, "wrong password", browser).status, 401U);
    }
  };
  fail(4, "ada@example.com");
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
  for (const std::string email : {"ada@example.com", "bob@example.com"}) {
    fail(4, email);
    world.now += 15min;
    fail(4, email);
    EXPECT_EQ(world.login(email, "wrong password", browser).status, 401U);
    EXPECT_EQ(world.login(email, "wrong password", browser).status, 423U);
  }
}

TEST_P(Lockout, ManyGuessesAtOnceTellNoMoreThanTheLockAllows) {
  AccountsWorld world(database.url());
  world.registered("ada");
  std::vector<http::Request> requests;
  for (int i = 0; i < 64; ++i) {
    const boost::json::value body{{"email", "ada@example.com"},
                                  {"password", i == 63 ? kPassword : "wrong password"}};
    requests.push_back(AccountsWorld::make_request(http::Method::Post, "/api/auth/login",
                                                   boost::json::serialize(body), {}));
  }
  int wrong = 0, locked = 0, good = 0;
  for (const Answer& answer : world.ask_all(std::move(requests))) {
    wrong += answer.status == 401;
    locked += answer.status == 423;
    good += answer.status == 200;
  }
  EXPECT_EQ(wrong + locked + good, 64);
  EXPECT_LE(wrong, 5 + good * 5);  // the right one among them may forget the failures before it
}

TEST_P(Lockout, AnOutsiderLocksOutThemselvesAndNotTheOwner) {
  AccountsWorld world(database.url());
  AccountsWorld twin(database.url());
  Browser owner = world.registered("ada");
  Browser outsider;
  outsider.address = "203.0.113.9";
  for (int i = 0; i < 20; ++i) world.login("ada@example.com", "wrong password", outsider);
  EXPECT_EQ(world.login("ada@example.com", kPassword, outsider).status, 423U);
  twin.now = world.now;
  EXPECT_EQ(twin.login("ada@example.com", kPassword, outsider).status, 423U) << "another server";

  Browser travelling;  // a device and an address that the account has never seen
  travelling.address = "198.51.100.77";
  EXPECT_EQ(world.login("ada@example.com", kPassword, travelling).status, 200U);
  owner.cookies.clear();
  EXPECT_EQ(world.login("ada@example.com", kPassword, owner).status, 200U);
  EXPECT_EQ(world.login("ada@example.com", kPassword, outsider).status, 423U)
      << "the owner's login lets nobody else in";
}

// Wrong passwords from so many addresses that none of them is locked out.
void guess_from_everywhere(AccountsWorld& world, const std::string& email, int count) {
  for (int i = 0; i < count; ++i) {
    Browser one;
    one.address = "2001:db8:" + std::to_string(i) + "::1";
    EXPECT_EQ(world.login(email, "wrong password", one).status, 401U) << i;
  }
}

TEST_P(Lockout, GuessesFromEverywhereLockOutStrangersAndNobodyWhoWasHereBefore) {
  AccountsWorld world(database.url());
  Browser owner = world.registered("ada");  // at 192.0.2.1
  Browser phone;
  phone.address = "198.51.100.1";
  ASSERT_EQ(world.login("ada@example.com", kPassword, phone).status, 200U);
  for (const std::string email : {"ada@example.com", "nobody@example.com"}) {
    guess_from_everywhere(world, email, 99);
    Browser last;
    last.address = "203.0.113.1";
    EXPECT_EQ(world.login(email, "wrong password", last).status, 401U) << email;
    const Answer locked = world.login(email, kPassword, last);
    EXPECT_EQ(locked.status, 423U) << email;
    EXPECT_EQ(locked.header("Retry-After"), "900");
  }
  Browser same_address;
  EXPECT_EQ(world.login("ada@example.com", kPassword, same_address).status, 200U);
  phone.address = "203.0.113.50";  // it has moved, but it has its cookie
  world.now += 5min;
  EXPECT_EQ(world.login("ada@example.com", kPassword, phone).status, 200U);
  Browser other_account = world.registered("bob");
  other_account.address = "203.0.113.51";
  EXPECT_EQ(world.login("ada@example.com", kPassword, other_account).status, 423U)
      << "a cookie of another account tells nothing of this one";
  world.now += 10min;
  Browser stranger;
  stranger.address = "203.0.113.52";
  EXPECT_EQ(world.login("ada@example.com", kPassword, stranger).status, 200U) << "the lock is over";
}

TEST_P(Lockout, ACookieThatHasExpiredStillTellsADeviceAndHasItsOwnLimit) {
  AccountsWorld world(database.url());
  Browser phone = world.registered("ada");
  const Browser kept = phone;
  world.now += std::chrono::days(8);
  guess_from_everywhere(world, "ada@example.com", 100);
  phone.address = "203.0.113.50";
  EXPECT_EQ(world.login("ada@example.com", kPassword, phone).status, 200U);

  Browser thief = kept;  // whoever stole the cookie guesses no more often, wherever they are
  for (int i = 0; i < 5; ++i) {
    thief.address = "198.51.100." + std::to_string(i);
    EXPECT_EQ(world.login("ada@example.com", "wrong password", thief).status, 401U);
  }
  thief.address = "198.51.100.99";
  EXPECT_EQ(world.login("ada@example.com", kPassword, thief).status, 423U);
  thief.cookies["refresh_token"] += "x";  // forged
  EXPECT_EQ(world.login("ada@example.com", kPassword, thief).status, 423U) << "a stranger again";
}

TEST_P(Lockout, WhatIsCountedOfEmailsThatNobodyHasIsBounded) {
  AccountsWorld world(database.url());
  db::Connection connection(database.url());
  const auto fill = [&](int rows) {
    for (int i = 0; i < rows; ++i) {
      connection.execute(
          R"(INSERT INTO "FailedLogin" ("account", "source", "attempts", "lastFailedAt")
             VALUES ($1, 'address x', 1, $2))",
          "unknown " + std::to_string(i), world.now);
    }
  };
  connection.transaction([&] { fill(10'050); });
  Browser browser;
  world.login("nobody@example.com", "wrong password", browser);
  const auto rows = [&] {
    return std::get<0>(
        *connection.select_one<std::int64_t>(R"(SELECT COUNT(*) FROM "FailedLogin")"));
  };
  EXPECT_LE(rows(), 10'000);
  world.now += 15min + 1ms;
  world.login("nobody@example.com", "wrong password", browser);
  EXPECT_EQ(rows(), 1) << "and forgotten after a lockout's time";
}

TEST_P(Lockout, RegistrationForgetsWhatWasCountedForTheEmail) {
  AccountsWorld world(database.url());
  Browser browser;
  for (int i = 0; i < 5; ++i) world.login("ada@example.com", "wrong password", browser);
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 423U);
  world.registered("ada");
  EXPECT_EQ(world.login("ada@example.com", kPassword, browser).status, 200U);
}

TEST_P(Lockout, IsRateLimitedByAddressAndByAccount) {
  AccountsWorld world(database.url(), {.rate_limit = true});
  Browser browser;
  for (int i = 0; i < 20; ++i) {  // 10 a minute for an account, at once twice that
    browser.address = "198.51.100." + std::to_string(i);
    EXPECT_NE(world.login("ada@example.com", "wrong password", browser).status, 429U);
  }
  browser.address = "203.0.113.1";
  const Answer limited = world.login("ADA@example.com", "wrong password", browser);
  EXPECT_EQ(limited.status, 429U);
  EXPECT_EQ(limited.code(), "RATE_LIMITED");
  EXPECT_EQ(limited.header("Retry-After"), "6");

  browser.address = "2001:db8::1";
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(world.post("/api/auth/register", account("x", "y", "z"), browser).status, 400U);
  }
  browser.address = "2001:db8::2";  // the same network of a customer
  EXPECT_EQ(world.post("/api/auth/register", account("x", "y", "z"), browser).status, 429U);
  world.instant = world.instant + 6s;
  EXPECT_EQ(world.post("/api/auth/register", account("x", "y", "z"), browser).status, 400U);
}

TEST_P(Lockout, StrangersUseUpNoRateButTheirOwn) {
  AccountsWorld world(database.url(), {.rate_limit = true});
  Browser owner = world.registered("ada");
  for (int i = 0; i < 20; ++i) {
    Browser stranger;
    stranger.address = "198.51.100." + std::to_string(i);
    EXPECT_EQ(world.login("ada@example.com", "wrong password", stranger).status, 401U);
  }
  Browser stranger;
  stranger.address = "203.0.113.1";
  EXPECT_EQ(world.login("ada@example.com", kPassword, stranger).status, 429U);
  EXPECT_EQ(world.login("ada@example.com", kPassword, owner).status, 200U);
  Browser same_address;
  EXPECT_EQ(world.login("ada@example.com", kPassword, same_address).status, 200U);
}

net::awaitable<std::optional<Duration>> taken() { co_return Duration::zero(); }

// Redis is read by whoever operates it, and by programs beside this one.
TEST_P(Lockout, RateLimitKeysHoldNoEmail) {
  std::vector<std::string> keys;
  const auto shared = [&keys](std::string key, int) {
    keys.push_back(std::move(key));
    return taken();
  };
  AccountsWorld world(database.url(), {.rate_limit = true, .shared_rates = shared});
  Browser browser = world.registered("ada");
  world.login("ADA@example.com", kPassword, browser);
  world.login("ada@example.com", kPassword, browser);
  world.login("bob@example.com", kPassword, browser);
  std::set<std::string> accounts;
  for (const std::string& key : keys) {
    for (const std::string part : {"ada", "bob", "example", "@"}) {
      EXPECT_THAT(key, Not(HasSubstr(part)));
    }
    if (key.starts_with("login/account ")) accounts.insert(key);
  }
  EXPECT_EQ(accounts.size(), 2U) << "one for each e-mail, whatever its case";
}

INSTANTIATE_ON_BOTH_DATABASES(Lockout);

}  // namespace
}  // namespace server
