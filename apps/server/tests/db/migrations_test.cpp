// Schemas that come, grow, and are somebody else's.
#include <gmock/gmock.h>

#include <thread>

#include "../auth/accounts_world.hpp"
#include "auth/account_sql.hpp"
#include "auth/hash.hpp"
#include "db/username_skeletons.hpp"

namespace server::db {
namespace {

using testing::AccountsWorld;
using testing::Answer;
using testing::Backend;
using testing::Browser;
using testing::EmptyDatabase;

class Migrations : public ::testing::TestWithParam<Backend> {
 protected:
  EmptyDatabase database{GetParam()};
};

TEST_P(Migrations, BringAnEmptyDatabaseToTheNewestVersionOnce) {
  Connection connection(database.url());
  EXPECT_EQ(schema_version(connection), 0);
  const auto done = migrate(connection);
  ASSERT_EQ(done.size(), all_migrations().size());
  EXPECT_EQ(done.front().name, "initial");
  EXPECT_FALSE(done.front().adopted);
  EXPECT_EQ(schema_version(connection), all_migrations().back().version);
  EXPECT_TRUE(migrate(connection).empty());
}

TEST_P(Migrations, AreAppliedOnceByManyServersAtOnce) {
  std::atomic<std::size_t> steps = 0;
  std::vector<std::thread> servers;
  for (int i = 0; i < 6; ++i) {
    servers.emplace_back([&] {
      Connection connection(database.url());
      steps += migrate(connection).size();
    });
  }
  for (std::thread& server : servers) server.join();
  EXPECT_EQ(steps, all_migrations().size());
}

TEST_P(Migrations, StopAtASchemaThatIsNewerThanTheProgram) {
  Connection connection(database.url());
  migrate(connection);
  connection.execute(R"(INSERT INTO "SchemaMigration" ("version", "name") VALUES ($1, $2))", 99,
                     "from the future");
  try {
    migrate(connection);
    FAIL();
  } catch (const SchemaError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("schema version 99"));
  }
}

TEST_P(Migrations, LeaveForeignTablesAlone) {
  Connection connection(database.url());
  connection.execute_script(R"(CREATE TABLE "User" ("id" TEXT))");
  EXPECT_THROW(migrate(connection), SchemaError);
  EXPECT_EQ(schema_version(connection), 0);
}

// The plan of a statement, as each database tells it.
std::vector<std::string> plan_of(Connection& connection, const std::string& sql) {
  std::vector<std::string> lines;
  if (connection.is_postgresql()) {
    for (auto& [line] : connection.select<std::string>("EXPLAIN " + sql)) lines.push_back(line);
    return lines;
  }
  for (auto& [id, parent, unused, line] :
       connection.select<std::string, std::string, std::string, std::string>("EXPLAIN QUERY PLAN " +
                                                                             sql)) {
    lines.push_back(line);
  }
  return lines;
}

// Nothing reads a table from end to end, or sorts, when a row or a page is asked for.
TEST_P(Migrations, GiveEveryQueryAnIndex) {
  Connection connection(database.url());
  migrate(connection);
  if (connection.is_postgresql()) {
    // It would scan tables as small as these whatever their indexes.
    connection.execute_script("SET enable_seqscan = off; SET enable_sort = off");
  }
  const std::string then = "'2026-01-01'";
  for (
      const std::string& sql : std::vector<std::string>{
          R"(SELECT 1 FROM "Message" WHERE "roomId" = 'x' AND ("createdAt", "id") < ()" + then +
              R"(, 'z')
           ORDER BY "createdAt" DESC, "id" DESC LIMIT 50)",
          R"(SELECT 1 FROM "RoomVisit" v WHERE v."userId" = 'x'
           AND (v."lastEntryAt", v."roomId") < ()" +
              then + R"(, 'z')
           ORDER BY v."lastEntryAt" DESC, v."roomId" DESC LIMIT 20)",
          R"(DELETE FROM "LoginFamily" WHERE "rotatedAt" < )" + then,
          R"(DELETE FROM "LoginFamily" WHERE "createdAt" < )" + then,
          R"(SELECT 1 FROM "LoginFamily" WHERE "userId" = 'x')",
          R"(DELETE FROM "FailedLogin" WHERE "lastFailedAt" < )" + then,
          R"(SELECT 1 FROM "FailedLogin" WHERE "account" = 'x' AND "source" = 'y')",
          R"(DELETE FROM "FailedLogin" WHERE "userId" = 'x')",
          R"(SELECT 1 FROM "FailedLogin" WHERE "userId" IS NULL ORDER BY "lastFailedAt" DESC)",
          R"(SELECT 1 FROM "KnownAddress" WHERE "userId" = 'x' AND "address" = 'y')",
          R"(DELETE FROM "UnknownLogin" WHERE "lastFailedLoginAt" < )" + then,
          R"(SELECT 1 FROM "User" WHERE "emailKey" = 'x' OR "email" = 'y')",
          R"(SELECT 1 FROM "User"
             WHERE ("usernameKey" = 'x' OR "usernameSkeleton" = 'y') AND "id" <> 'z')",
          R"(SELECT 1 FROM "User" WHERE "email" > 'x' ORDER BY "email" LIMIT 500)",
          R"(DELETE FROM "Message" WHERE "userId" = 'x')",
          R"(DELETE FROM "Message" WHERE "roomId" = 'x')",
          R"(SELECT 1 FROM "Room" WHERE "hostId" = 'x')",
          R"(SELECT 1 FROM "Room" WHERE "slug" = 'x')",
          R"(SELECT 1 FROM "RoomVisit" WHERE "roomId" = 'x')",
          R"(SELECT 1 FROM "Message" WHERE "roomId" = 'x' AND "userId" = 'y' AND "clientId" = 'z')",
          R"(SELECT 1 FROM "Message" WHERE "roomId" = 'x' AND "guestId" = 'y' AND "clientId" = 'z')"}) {
    for (const std::string& line : plan_of(connection, sql)) {
      for (const std::string costly : {"SCAN", "TEMP B-TREE", "Seq Scan", "Sort"}) {
        EXPECT_THAT(line, ::testing::Not(::testing::HasSubstr(costly))) << sql;
      }
    }
  }
}

// Accounts of before names were compared by their looks.
TEST_P(Migrations, KeepAccountsWhoseNamesLookAlikeAndRefuseNewOnes) {
  Connection connection(database.url());
  migrate(connection);
  const auto add = [&](const std::string& id, const std::string& username, int age_s) {
    const Timestamp at = system_now() - std::chrono::seconds(age_s);
    connection.execute(R"(
        INSERT INTO "User" ("id", "email", "emailKey", "username", "usernameKey", "passwordHash",
                            "createdAt", "updatedAt") VALUES ($1, $2, $2, $3, $4, 'x', $5, $5))",
                       id, id + "@example.com", username, username + "#" + id, at);
  };
  add("c2", "paypa1", 1);
  add("c1", "paypal", 2);
  add("c3", "p\u0430ypal", 0);  // with a Cyrillic letter, as Prisma's accounts may have
  add("c4", "bob", 0);
  connection.transaction([&] { fill_username_skeletons(connection); });

  const auto skeleton = [&](const std::string& id) {
    return std::get<0>(*connection.select_one<std::string>(
        R"(SELECT "usernameSkeleton" FROM "User" WHERE "id" = $1)", id));
  };
  EXPECT_EQ(skeleton("c2"), skeleton("c1") + "#c2");
  EXPECT_EQ(skeleton("c3"), skeleton("c1") + "#c3");
  EXPECT_THAT(skeleton("c4"), ::testing::Not(::testing::HasSubstr("#")));
  EXPECT_EQ(auth::find_taken(connection, "x@y.z", "PAYPA1", ""), auth::Taken::Username);
  EXPECT_EQ(auth::find_taken(connection, "x@y.z", "b0b", ""), auth::Taken::Username);
  EXPECT_EQ(auth::find_taken(connection, "x@y.z", "bobby", ""), auth::Taken::Nothing);
}

INSTANTIATE_ON_BOTH_DATABASES(Migrations);

// A database as Prisma leaves it: its tables by the document's schema, and its own table of
// migrations. The bcrypt hash is that of "SecurePass123", made by the npm package bcrypt's format.
class PrismaAdoption : public ::testing::Test {
 protected:
  PrismaAdoption() : connection(database.url()) {
    connection.execute_script(std::string(all_migrations().front().postgresql));
    connection.execute_script(R"(
        CREATE TABLE "_prisma_migrations" (
          "id" VARCHAR(36) PRIMARY KEY, "checksum" VARCHAR(64) NOT NULL,
          "finished_at" TIMESTAMPTZ, "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT,
          "rolled_back_at" TIMESTAMPTZ, "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
          "applied_steps_count" INTEGER NOT NULL DEFAULT 0))");
  }

  void add_user(const std::string& id, const std::string& email, const std::string& username,
                const std::string& hash, const std::optional<std::string>& refresh_hash,
                Timestamp at) {
    connection.execute(R"(
        INSERT INTO "User" ("id", "email", "username", "passwordHash", "refreshTokenHash",
                            "createdAt", "updatedAt") VALUES ($1, $2, $3, $4, $5, $6, $7))",
                       id, email, username, hash, refresh_hash, at, at);
  }

  EmptyDatabase database{Backend::Postgresql};
  Connection connection;
  Timestamp now = system_now();
};

TEST_F(PrismaAdoption, KeepsUsersRoomsMessagesPasswordsAndLogins) {
  SecureRandom random;
  net::io_context io;
  auth::PasswordPool pool({4, 1, 10}, random);
  std::string hash;
  net::co_spawn(io, pool.hash("SecurePass123"),
                [&](std::exception_ptr, http::Result<std::string> made) { hash = *made; });
  io.run();
  hash[2] = 'a';  // "$2a$", as older packages write it

  // A refresh token as the Prisma server made it: its `jti` names no login.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::string token = auth::JwtKey(testing::kRefreshSecret)
                                .sign({{"sub", "clx1"},
                                       {"jti", "5a0c6f64-uuid"},
                                       {"iat", seconds - 60},
                                       {"exp", seconds + 600}});
  add_user("clx1", "Ada@Example.com", "Ada", hash, auth::sha256_hex(token), now);
  add_user("clx2", "ada@example.com", "ada", hash, std::nullopt, now + std::chrono::seconds(1));
  connection.execute(
      R"(INSERT INTO "Room" ("id", "slug", "name", "hostId", "createdAt", "updatedAt")
                        VALUES ('clr1', 'abc-defg-hij', 'Old room', 'clx1', $1, $2))",
      now, now);
  connection.execute(R"(INSERT INTO "Message" ("id", "content", "userId", "roomId", "createdAt")
                        VALUES ('clm1', 'hello from before', 'clx2', 'clr1', $1))",
                     now);

  const auto done = migrate(connection);
  ASSERT_EQ(done.size(), all_migrations().size());
  EXPECT_TRUE(done.front().adopted);

  AccountsWorld world(database.url());
  world.now = now + std::chrono::seconds(10);
  Browser browser;
  browser.cookies["refresh_token"] = token;
  Browser tab = browser;
  Answer answer = world.post("/api/auth/refresh", nullptr, browser);
  ASSERT_EQ(answer.status, 200U) << answer.body;
  EXPECT_EQ(answer.text("/user/id"), "clx1");
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, tab).status, 200U) << "a second tab";
  EXPECT_EQ(tab.cookies["refresh_token"], browser.cookies["refresh_token"]);
  EXPECT_EQ(world.post("/api/auth/refresh", nullptr, browser).status, 200U);

  // Two accounts that differ in case alone are told apart by the way they are written.
  Browser next;
  EXPECT_EQ(world.login("Ada@Example.com", "SecurePass123", next).text("/user/id"), "clx1");
  EXPECT_EQ(world.login("ada@example.com", "SecurePass123", next).text("/user/id"), "clx2");
  EXPECT_EQ(world.login("ADA@example.com", "SecurePass123", next).text("/user/id"), "clx1");
  EXPECT_EQ(world.get("/api/rooms", browser).text("/rooms/0/slug"), "abc-defg-hij");
  EXPECT_EQ(world.login("ada@example.com", "SecurePass123", next).status, 200U);
  EXPECT_EQ(world.get("/api/rooms/abc-defg-hij/messages", next).text("/messages/0/content"),
            "hello from before");
  EXPECT_EQ(
      world
          .post("/api/auth/register",
                {{"email", "x@y.z"}, {"username", "ADA"}, {"password", "SecurePass123"}}, next)
          .code(),
      "USERNAME_TAKEN");
}

TEST_F(PrismaAdoption, RefusesAnotherSchemaOfPrismas) {
  connection.execute_script(R"(ALTER TABLE "User" DROP COLUMN "tokenVersion")");
  try {
    migrate(connection);
    FAIL();
  } catch (const SchemaError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("\"User\".\"tokenVersion\" is missing"));
  }
}

}  // namespace
}  // namespace server::db
