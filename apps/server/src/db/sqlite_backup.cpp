// Backups of SQLite, by its own API for copying a database that is in use.
#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "db/backup.hpp"

namespace server::db {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMs = 10'000;

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

[[noreturn]] void fail(const fs::path& file, sqlite3* database, int result) {
  const char* const why = database == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(database);
  throw BackupError(fmt::format("{}: {}", file.string(), why));
}

Handle open(const fs::path& file, int flags) {
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Handle handle(raw);
  if (result != SQLITE_OK) fail(file, raw, result);
  sqlite3_busy_timeout(raw, kBusyMs);
  return handle;
}

// The first column of the first row; nullopt when there is no row, or the statement cannot be run.
std::optional<std::string> ask(sqlite3* database, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &raw, nullptr) != SQLITE_OK) return std::nullopt;
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  if (sqlite3_step(raw) != SQLITE_ROW) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
  return text == nullptr ? std::optional<std::string>() : text;
}

// All at once: a reader keeps no writer waiting in WAL mode, and sees one moment of the database.
void copy(const fs::path& from_file, sqlite3* from, const fs::path& to_file, sqlite3* to) {
  sqlite3_backup* const copying = sqlite3_backup_init(to, "main", from, "main");
  if (copying == nullptr) fail(to_file, to, sqlite3_errcode(to));
  const int stepped = sqlite3_backup_step(copying, -1);
  const int finished = sqlite3_backup_finish(copying);
  if (stepped != SQLITE_DONE) {
    throw BackupError(fmt::format("copying {} to {}: {}", from_file.string(), to_file.string(),
                                  sqlite3_errstr(stepped)));
  }
  if (finished != SQLITE_OK) fail(to_file, to, finished);
  // One file, whole without a log beside it.
  if (ask(to, "PRAGMA journal_mode = DELETE") != "delete") fail(to_file, to, sqlite3_errcode(to));
}

int checked_version(const fs::path& file, sqlite3* database) {
  const auto initial = ask(database, R"(SELECT "name" FROM "SchemaMigration" WHERE "version" = 1)");
  const auto version = ask(database, R"(SELECT MAX("version") FROM "SchemaMigration")");
  const bool is_database = initial && version;
  check_origin(file, initial.value_or(""), is_database ? std::atoi(version->c_str()) : 0);
  if (ask(database, "PRAGMA quick_check(1)") != "ok") {
    throw BackupError(fmt::format("{} is damaged", file.string()));
  }
  return std::atoi(version->c_str());
}

// Leaving WAL mode needs exclusive access, and writes the log back into the file.
void take_for_oneself(const fs::path& file) {
  const Handle database = open(file, SQLITE_OPEN_READWRITE);
  sqlite3_busy_timeout(database.get(), 0);
  if (ask(database.get(), "PRAGMA journal_mode = DELETE") == "delete") return;
  if (sqlite3_errcode(database.get()) == SQLITE_NOTADB) return;  // nothing that could be in use
  throw BackupError(fmt::format("{} is in use: stop the server first", file.string()));
}

}  // namespace

void backup_sqlite(const DatabaseUrl& url, const fs::path& file) {
  const Handle from = open(url.target, SQLITE_OPEN_READWRITE);
  const Handle to = open(file, SQLITE_OPEN_READWRITE);
  copy(url.target, from.get(), file, to.get());
  checked_version(file, to.get());
}

Restored restore_sqlite(const DatabaseUrl& url, const fs::path& file, bool may_overwrite) {
  const Handle from = open(file, SQLITE_OPEN_READONLY);
  const int version = checked_version(file, from.get());
  if (fs::exists(url.target)) {
    if (fs::equivalent(file, url.target)) {
      throw BackupError(fmt::format("{} is the database itself", file.string()));
    }
    if (!may_overwrite) {
      throw BackupError(fmt::format("{} is there already: --force replaces it", url.target));
    }
    take_for_oneself(url.target);
  }
  Draft draft{fs::path(url.target)};
  {
    const Handle to = open(draft.path(), SQLITE_OPEN_READWRITE);
    copy(file, from.get(), draft.path(), to.get());
  }
  draft.commit();
  return {version};
}

}  // namespace server::db
