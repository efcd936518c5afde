#include "db/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "db/username_skeletons.hpp"

namespace server::db {
namespace {

struct Column {
  std::string_view table;
  std::string_view name;
};

// What the design document's schema has; a database to be adopted has all of it.
constexpr std::array<Column, 21> kDocumentColumns{{
    {"User", "id"},
    {"User", "email"},
    {"User", "username"},
    {"User", "passwordHash"},
    {"User", "refreshTokenHash"},
    {"User", "failedLoginAttempts"},
    {"User", "lockedUntil"},
    {"User", "tokenVersion"},
    {"User", "createdAt"},
    {"User", "updatedAt"},
    {"Room", "id"},
    {"Room", "slug"},
    {"Room", "name"},
    {"Room", "hostId"},
    {"Room", "createdAt"},
    {"Room", "updatedAt"},
    {"Message", "id"},
    {"Message", "content"},
    {"Message", "userId"},
    {"Message", "roomId"},
    {"Message", "createdAt"},
}};

bool has_table(const Connection& connection, std::string_view name) {
  const std::string_view sql =
      connection.is_postgresql()
          ? R"(SELECT COUNT(*) FROM information_schema.tables
               WHERE table_schema = current_schema() AND table_name = $1)"
          : R"(SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1)";
  return std::get<0>(*connection.select_one<std::int64_t>(sql, name)) > 0;
}

bool has_column(const Connection& connection, const Column& column) {
  return std::get<0>(*connection.select_one<std::int64_t>(
             R"(SELECT COUNT(*) FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = $1 AND column_name = $2)",
             column.table, column.name)) > 0;
}

// Whether the database holds the document's tables already, made by Prisma and not by us.
bool made_by_prisma(const Connection& connection) {
  if (!has_table(connection, "User")) return false;
  if (!connection.is_postgresql() || !has_table(connection, "_prisma_migrations")) {
    throw SchemaError(
        "the database holds a table \"User\" that this program did not make; only PostgreSQL "
        "databases made by Prisma are taken over: give it an empty database");
  }
  for (const Column& column : kDocumentColumns) {
    if (!has_column(connection, column)) {
      throw SchemaError(fmt::format(
          "the database was made by Prisma from another schema: \"{}\".\"{}\" is missing",
          column.table, column.name));
    }
  }
  return true;
}

int newest_applied(const Connection& connection) {
  const auto row = connection.select_one<std::int64_t>(
      R"(SELECT COALESCE(MAX("version"), 0) FROM "SchemaMigration")");
  return static_cast<int>(std::get<0>(*row));
}

void lock_schema(Connection& connection) {
  // On SQLite the transaction itself is the lock. The number is ours: "webrtc-chat" as one of many
  // programs that may use the same PostgreSQL server.
  if (connection.is_postgresql()) {
    connection.execute_script("SELECT pg_advisory_xact_lock(7723046121)");
  }
}

// One step forward under the lock; nullopt when there is none to do.
std::optional<MigrationStep> step(Connection& connection) {
  lock_schema(connection);
  connection.execute_script(R"(CREATE TABLE IF NOT EXISTS "SchemaMigration" (
      "version" INTEGER NOT NULL PRIMARY KEY,
      "name" TEXT NOT NULL,
      "appliedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP))");
  const std::span<const Migration> known = all_migrations();
  const int applied = newest_applied(connection);
  if (applied > known.back().version) {
    throw SchemaError(fmt::format(
        "the database has schema version {}, but this program knows versions up to {} only: "
        "run the program that made it, or a newer one",
        applied, known.back().version));
  }
  const auto next =
      std::ranges::find_if(known, [&](const Migration& one) { return one.version > applied; });
  if (next == known.end()) return std::nullopt;

  const bool adopted = next->version == 1 && made_by_prisma(connection);
  if (!adopted) {
    connection.execute_script(
        std::string(connection.is_postgresql() ? next->postgresql : next->sqlite));
  }
  if (next->name == "username_skeletons") fill_username_skeletons(connection);
  connection.execute(R"(INSERT INTO "SchemaMigration" ("version", "name") VALUES ($1, $2))",
                     next->version, next->name);
  return MigrationStep{next->version, std::string(next->name), adopted};
}

}  // namespace

int schema_version(const Connection& connection) {
  return has_table(connection, "SchemaMigration") ? newest_applied(connection) : 0;
}

std::vector<MigrationStep> migrate(Connection& connection) {
  std::vector<MigrationStep> done;
  while (auto one = connection.transaction([&] { return step(connection); })) {
    done.push_back(std::move(*one));
  }
  return done;
}

}  // namespace server::db
