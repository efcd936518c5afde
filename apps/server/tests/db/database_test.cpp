// The pool and its connections: rows, transactions, and a database that is not there.
#include "db/database.hpp"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <thread>

#include "test_database.hpp"

namespace server::db {
namespace {

using namespace std::chrono_literals;
using testing::Backend;
using testing::EmptyDatabase;
using testing::PostgresServer;

constexpr const char* kTable = R"(CREATE TABLE "Thing" ("id" INTEGER NOT NULL PRIMARY KEY,
    "text" TEXT, "at" TIMESTAMP(3), "flag" INTEGER NOT NULL DEFAULT 0))";

// Runs one piece of work on the pool, from one thread at a time. The loop stays: whoever gave it
// the outcome may still be on the way out of it.
template <class Work>
auto run(Database& database, Work work) {
  using Result = Outcome<std::invoke_result_t<Work&, Connection&>>;
  static net::io_context io;
  io.restart();
  std::optional<Result> result;
  net::co_spawn(io, database.run(std::move(work)), [&](std::exception_ptr error, Result outcome) {
    if (error) std::rethrow_exception(error);
    result = std::move(outcome);
  });
  io.run();
  return std::move(*result);
}

Outcome<std::int64_t> one(Database& database) {
  return run(database, [](Connection& connection) {
    return std::get<0>(*connection.select_one<std::int64_t>("SELECT 1"));
  });
}

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 20);
  }
  return true;
}

class DatabasePool : public ::testing::TestWithParam<Backend> {
 protected:
  EmptyDatabase empty{GetParam()};
};

TEST_P(DatabasePool, BringsEveryTypeBackAsItWas) {
  Connection connection(empty.url());
  connection.execute_script(kTable);
  const Timestamp at = *from_sql("2026-01-02 03:04:05.600");
  const std::string text = "quote ' \" $1 :x \u4E2D\U0001F600 \\ %";
  EXPECT_EQ(connection.execute(R"(INSERT INTO "Thing" VALUES ($1, $2, $3, $4))", 1, text, at, true),
            1);
  EXPECT_EQ(connection.execute(R"(INSERT INTO "Thing" VALUES ($1, $2, $3, $4))", 2,
                               std::optional<std::string>(), std::optional<Timestamp>(), false),
            1);
  using Row = std::tuple<std::int64_t, std::optional<std::string>, std::optional<Timestamp>, bool>;
  const auto rows =
      connection.select<std::int64_t, std::optional<std::string>, std::optional<Timestamp>, bool>(
          R"(SELECT "id", "text", "at", "flag" FROM "Thing" ORDER BY "id")");
  EXPECT_THAT(rows, ::testing::ElementsAre(Row{1, text, at, true}, Row{2, {}, {}, false}));
  EXPECT_EQ(connection.execute(R"(DELETE FROM "Thing" WHERE "id" > $1)", 5), 0);
  EXPECT_EQ(connection.execute(R"(UPDATE "Thing" SET "flag" = 1)"), 2);
  EXPECT_FALSE(connection.select_one<std::string>(R"(SELECT "text" FROM "Thing" WHERE "id" = 9)"));
}

TEST_P(DatabasePool, NamesWhatARowBroke) {
  Connection connection(empty.url());
  connection.execute_script(kTable);
  connection.execute_script(R"(CREATE TABLE "Part" ("thing" INTEGER REFERENCES "Thing"("id")))");
  const auto kind = [&](std::string_view sql) {
    try {
      connection.execute(sql);
    } catch (const DbException& error) {
      return error.error().kind;
    }
    ADD_FAILURE() << sql;
    return DbError::Kind::Failed;
  };
  connection.execute(R"(INSERT INTO "Thing" ("id") VALUES (1))");
  EXPECT_EQ(kind(R"(INSERT INTO "Thing" ("id") VALUES (1))"), DbError::Kind::Conflict);
  EXPECT_EQ(kind(R"(INSERT INTO "Part" VALUES (7))"), DbError::Kind::Missing);
  EXPECT_EQ(kind(R"(SELECT "nothing" FROM "Thing")"), DbError::Kind::Failed);
  EXPECT_EQ(connection.execute(R"(INSERT INTO "Thing" ("id") VALUES (2))"), 1) << "it goes on";
}

TEST_P(DatabasePool, ATransactionIsAllOrNothing) {
  Connection connection(empty.url());
  connection.execute_script(kTable);
  const auto count = [&] {
    return std::get<0>(*connection.select_one<std::int64_t>(R"(SELECT COUNT(*) FROM "Thing")"));
  };
  EXPECT_THROW(connection.transaction([&] {
    connection.execute(R"(INSERT INTO "Thing" ("id") VALUES (1))");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_THROW(connection.transaction([&] {
    connection.execute(R"(INSERT INTO "Thing" ("id") VALUES (1))");
    connection.execute(R"(INSERT INTO "Thing" ("id") VALUES (1))");
  }),
               DbException);
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(connection.transaction(
                [&] { return connection.execute(R"(INSERT INTO "Thing" ("id") VALUES (1))"); }),
            1);
  EXPECT_EQ(count(), 1);
}

TEST_P(DatabasePool, ManyWritersLoseNothing) {
  {
    Connection connection(empty.url());
    connection.execute_script(kTable);
    connection.execute(R"(INSERT INTO "Thing" ("id", "flag") VALUES (1, 0))");
  }
  Database database({.url = empty.url(), .connections = 8});
  net::io_context io;
  int done = 0;
  for (int i = 0; i < 400; ++i) {
    auto work = [](Connection& connection) {
      return connection.transaction([&] {
        const std::string sql =
            R"(SELECT "flag" FROM "Thing" WHERE "id" = 1)" + std::string(connection.row_lock());
        const auto value = std::get<0>(*connection.select_one<std::int64_t>(sql));
        return connection.execute(R"(UPDATE "Thing" SET "flag" = $1 WHERE "id" = 1)", value + 1);
      });
    };
    net::co_spawn(io, database.run(work), [&](std::exception_ptr, Outcome<std::int64_t> outcome) {
      EXPECT_TRUE(outcome) << outcome.error().message;
      done += outcome.has_value();
    });
  }
  io.run();
  const auto value = run(database, [](Connection& connection) {
    return std::get<0>(*connection.select_one<std::int64_t>(R"(SELECT "flag" FROM "Thing")"));
  });
  EXPECT_EQ(done, 400);
  EXPECT_EQ(*value, 400);
}

TEST_P(DatabasePool, AnswersForWorkThatIsTooSlowOrTooMuch) {
  Database database({.url = empty.url(), .connections = 1, .queue_max = 2, .deadline = 300ms});
  ASSERT_TRUE(one(database));
  net::io_context io;
  std::atomic<bool> go_on = false;
  auto stuck = [&go_on](Connection&) {
    go_on.wait(false);
    return 1;
  };
  int too_slow = 0, too_much = 0;
  for (int i = 0; i < 5; ++i) {
    net::co_spawn(io, database.run(stuck), [&](std::exception_ptr, Outcome<int> outcome) {
      ASSERT_FALSE(outcome);
      EXPECT_EQ(outcome.error().kind, DbError::Kind::Unavailable);
      too_slow += outcome.error().message == "too slow";
      too_much += outcome.error().message == "too much work waits";
    });
  }
  io.run();
  EXPECT_EQ(too_slow + too_much, 5);
  EXPECT_GE(too_slow, 2);
  EXPECT_GE(too_much, 2);
  go_on = true;
  go_on.notify_all();
  EXPECT_TRUE(one(database));
}

TEST_P(DatabasePool, WorkThatThrowsIsAFailureOfItsOwn) {
  Database database({.url = empty.url(), .connections = 1});
  const auto outcome =
      run(database, [](Connection&) -> int { throw std::runtime_error("our bug"); });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, DbError::Kind::Failed);
  EXPECT_EQ(outcome.error().message, "our bug");
  EXPECT_TRUE(one(database));
}

INSTANTIATE_ON_BOTH_DATABASES(DatabasePool);

TEST(DatabaseAway, AFolderThatCannotBeMadeIsUnavailable) {
  Database database({.url = *DatabaseUrl::parse("sqlite:/proc/nowhere/test.db"), .connections = 1});
  const auto outcome = one(database);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, DbError::Kind::Unavailable);
}

// A server of its own, since it is killed.
TEST(DatabaseAway, IsUnavailableAtOnceAndBackByItself) {
  PostgresServer server;
  const DatabaseUrl url = *DatabaseUrl::parse(server.create_database());
  Database database({.url = url, .connections = 4, .deadline = 5s});
  ASSERT_TRUE(one(database));
  server.kill_hard();
  for (int i = 0; i < 50; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto outcome = one(database);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, DbError::Kind::Unavailable) << outcome.error().message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
  }
  server.start();
  EXPECT_TRUE(eventually([&] { return one(database).has_value(); }));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(one(database));
}

TEST(DatabaseAway, ASilentServerHangsNobody) {
  PostgresServer server;
  const DatabaseUrl url = *DatabaseUrl::parse(server.create_database());
  Database database({.url = url, .connections = 2, .deadline = 500ms});
  ASSERT_TRUE(one(database));
  server.pause();
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto outcome = one(database);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, DbError::Kind::Unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  }
  server.resume();
  EXPECT_TRUE(eventually([&] { return one(database).has_value(); }));
}

// Goal: what was acknowledged is there after a kill. Method: write rows one after the other and
// note each that was acknowledged, kill in the middle, look.
TEST(DatabaseKilled, AKilledPostgresqlLosesNothingAcknowledged) {
  PostgresServer server;
  const DatabaseUrl url = *DatabaseUrl::parse(server.create_database());
  Connection(url).execute_script(kTable);
  Database database({.url = url, .connections = 4, .deadline = 5s});
  std::atomic<std::int64_t> acknowledged = 0;
  std::thread writer([&] {
    for (std::int64_t id = 1;; ++id) {
      const auto outcome = run(database, [id](Connection& connection) {
        return connection.execute(R"(INSERT INTO "Thing" ("id") VALUES ($1))", id);
      });
      if (!outcome) return;
      acknowledged = id;
    }
  });
  EXPECT_TRUE(eventually([&] { return acknowledged > 200; }));
  server.kill_hard();
  writer.join();
  server.start();
  Connection connection(url);
  const auto count = connection.select_one<std::int64_t>(
      R"(SELECT COUNT(*) FROM "Thing" WHERE "id" <= $1)", acknowledged.load());
  EXPECT_EQ(std::get<0>(*count), acknowledged.load());
}

TEST(DatabaseKilled, AKilledServerOnSqliteLosesNothingAcknowledged) {
  EmptyDatabase empty(Backend::Sqlite);
  Connection(empty.url()).execute_script(kTable);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {  // the server: writes, and says so after each
    Connection connection(empty.url());
    for (std::int64_t id = 1;; ++id) {
      connection.execute(R"(INSERT INTO "Thing" ("id") VALUES ($1))", id);
      if (write(pipe_ends[1], &id, sizeof id) != sizeof id) _exit(1);
    }
  }
  close(pipe_ends[1]);
  std::int64_t acknowledged = 0;
  const auto next = [&] {
    return read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged;
  };
  while (acknowledged < 200) ASSERT_TRUE(next());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (next()) {
  }
  close(pipe_ends[0]);
  Connection connection(empty.url());
  const auto count = connection.select_one<std::int64_t>(
      R"(SELECT COUNT(*) FROM "Thing" WHERE "id" <= $1)", acknowledged);
  EXPECT_EQ(std::get<0>(*count), acknowledged);
}

// Another program's write lock on an SQLite database, while this lives.
class ForeignLock {
 public:
  explicit ForeignLock(const DatabaseUrl& url) : connection_(url) {
    connection_.execute_script("BEGIN IMMEDIATE");
  }
  ~ForeignLock() { connection_.execute_script("ROLLBACK"); }
  ForeignLock(const ForeignLock&) = delete;
  ForeignLock& operator=(const ForeignLock&) = delete;

 private:
  Connection connection_;
};

// One thread for readers: it would be taken if a writer waited there.
TEST(DatabaseWriters, WaitForALockWithoutAThreadOfTheReaders) {
  const EmptyDatabase empty(Backend::Sqlite);
  Connection(empty.url()).execute_script(kTable);
  Database database({.url = empty.url(), .connections = 1});
  auto lock = std::make_optional<ForeignLock>(empty.url());
  net::io_context io;
  int refused = 0, read_meanwhile = 0;
  const auto insert = [](Connection& connection) {
    return connection.execute(R"(INSERT INTO "Thing" ("text") VALUES ('x'))");
  };
  const auto count = [](const Connection& connection) {
    return std::get<0>(*connection.select_one<std::int64_t>(R"(SELECT COUNT(*) FROM "Thing")"));
  };
  for (int i = 0; i < 20; ++i) {
    net::co_spawn(io, database.run(insert), [&](std::exception_ptr, Outcome<std::int64_t> outcome) {
      ASSERT_FALSE(outcome);
      EXPECT_EQ(outcome.error().kind, DbError::Kind::Unavailable);
      EXPECT_THAT(outcome.error().message, ::testing::HasSubstr("locked")) << "they wait in turn";
      EXPECT_EQ(read_meanwhile, 20) << "the readers did not go first";
      ++refused;
    });
  }
  for (int i = 0; i < 20; ++i) {
    net::co_spawn(io, database.run(count), [&](std::exception_ptr, Outcome<std::int64_t> outcome) {
      EXPECT_TRUE(outcome) << outcome.error().message;
      ++read_meanwhile;
    });
  }
  io.run();
  EXPECT_EQ(refused, 20);
  lock.reset();
  EXPECT_EQ(run(database, insert).value_or(0), 1);
  EXPECT_EQ(run(database, count).value_or(0), 1) << "nothing that was refused is there";
}

TEST(DatabaseWriters, BeyondTheirBoundLeaveReadersTheirs) {
  const EmptyDatabase empty(Backend::Sqlite);
  Database database({.url = empty.url(), .connections = 1, .queue_max = 2});
  net::io_context io;
  std::atomic<bool> go_on = false;
  const auto stuck = [&go_on](Connection&) {
    go_on.wait(false);
    return 1;
  };
  int written = 0, too_much = 0;
  for (int i = 0; i < 6; ++i) {
    net::co_spawn(io, database.run(stuck), [&](std::exception_ptr, Outcome<int> outcome) {
      outcome ? ++written : ++too_much;
      if (!outcome) EXPECT_EQ(outcome.error().message, "too much work waits");
    });
  }
  const auto read = [](const Connection& connection) {
    return std::get<0>(*connection.select_one<std::int64_t>("SELECT 1"));
  };
  net::co_spawn(io, database.run(read), [&](std::exception_ptr, Outcome<std::int64_t> outcome) {
    EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(written, 0);
    go_on = true;
    go_on.notify_all();
  });
  io.run();
  EXPECT_EQ(written + too_much, 6);
  EXPECT_GE(written, 2);
  EXPECT_GE(too_much, 3);
}

TEST(DatabaseUrl, TellsTheKindsApart) {
  const auto sqlite = DatabaseUrl::parse("sqlite:data/x.db");
  ASSERT_TRUE(sqlite);
  EXPECT_EQ(sqlite->kind, DatabaseUrl::Kind::Sqlite);
  EXPECT_EQ(sqlite->target, "data/x.db");
  const auto prisma = DatabaseUrl::parse(
      "postgresql://u:p@h:5432/d?schema=chat&connection_limit=5&sslmode=require");
  ASSERT_TRUE(prisma);
  EXPECT_THAT(prisma->target, ::testing::StartsWith("postgresql://u:p@h:5432/d?"));
  EXPECT_THAT(prisma->target, ::testing::HasSubstr("&options=-csearch_path%3Dchat"));
  EXPECT_THAT(prisma->target, ::testing::HasSubstr("&sslmode=require"));
  EXPECT_THAT(prisma->target, ::testing::Not(::testing::HasSubstr("connection_limit")));
  for (const std::string bad :
       {"", "sqlite:", "mysql://u:secret@h/d", "data/x.db", "postgresql://h/d?schema=a;b"}) {
    const auto parsed = DatabaseUrl::parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_THAT(parsed.error(), ::testing::Not(::testing::HasSubstr("secret")));
  }
}

TEST(Timestamps, ReadWhatDatabasesWrite) {
  const auto at = from_sql("2026-01-02 03:04:05.678");
  ASSERT_TRUE(at);
  EXPECT_EQ(to_iso8601(*at), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(to_sql(*at), "2026-01-02 03:04:05.678");
  EXPECT_EQ(to_sql(*from_sql("2026-01-02 03:04:05")), "2026-01-02 03:04:05.000");
  EXPECT_EQ(to_sql(*from_sql("2026-01-02 03:04:05.6")), "2026-01-02 03:04:05.600");
  EXPECT_EQ(to_sql(*from_sql("2026-01-02 03:04:05.678901")), "2026-01-02 03:04:05.678");
  for (const std::string bad : {"", "2026", "2026-02-30 00:00:00", "2026-01-02 24:00:00",
                                "2026-01-02 03:04:05.", "2026-01-02 03:04:05.1234567", "now"}) {
    EXPECT_FALSE(from_sql(bad)) << bad;
  }
}

}  // namespace
}  // namespace server::db
