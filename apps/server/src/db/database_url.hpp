// DATABASE_URL: which database, and where.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace server::db {

struct DatabaseUrl {
  enum class Kind : std::uint8_t { Sqlite, Postgresql };
  Kind kind = Kind::Sqlite;
  std::string target;  // a file path, or what libpq takes as a connection URI

  // "sqlite:<path>" or "postgresql://…" ("postgres://" too). Parameters that only Prisma knows are
  // taken out of a PostgreSQL URL, `schema` becoming the search path. The error says what is
  // allowed, and holds nothing of the URL, which may hold a password.
  static std::expected<DatabaseUrl, std::string> parse(std::string_view url);
};

}  // namespace server::db
