// Brings a database to the schema that this program knows.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"

namespace server::db {

// One step, from apps/server/migrations, compiled into the program.
struct Migration {
  int version = 0;
  std::string_view name;
  std::string_view sqlite;
  std::string_view postgresql;
};

// All of them, by ascending version, without a gap.
std::span<const Migration> all_migrations();

// The schema is not one that this program can work with; the message says why, for the operator.
class SchemaError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The version of the schema; 0 for an empty database.
int schema_version(const Connection& connection);

struct MigrationStep {
  int version = 0;
  std::string name;
  bool adopted = false;  // made by Prisma before us, and taken over as it is
};

// Applies what is missing, each migration in a transaction of its own and under a lock, so that
// several servers may start at once. Returns what this call did. A PostgreSQL database that Prisma
// created from the design document's schema is taken over. Throws SchemaError when the schema is
// newer than the program or is somebody else's, DbException when the database fails.
std::vector<MigrationStep> migrate(Connection& connection);

}  // namespace server::db
