// The whole database as one file, and back (docs/operations.md).
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "db/database_url.hpp"

namespace server::db {

// Why it was not done, for the operator, naming the file; nothing was changed.
class BackupError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Writes the database to `file` (mode 0600) while servers use it: SQLite as a database file of its
// own, PostgreSQL as an archive of pg_dump. `file` appears whole or not at all. Throws BackupError
// when it is there already and not `may_overwrite`, when pg_dump is missing or fails, and when the
// disk does not take it.
void backup(const DatabaseUrl& url, const std::filesystem::path& file, bool may_overwrite);

struct Restored {
  int version = 0;  // of the schema; the next start brings it up to date
};

// Puts the database back that `file` holds: all of it or nothing. Throws BackupError when `file` is
// no backup of this program for this kind of database, or of a newer one; when the database holds
// something and not `may_overwrite`; and when a server is using it.
Restored restore(const DatabaseUrl& url, const std::filesystem::path& file, bool may_overwrite);

// The two kinds; for the two above.
void backup_sqlite(const DatabaseUrl& url, const std::filesystem::path& file);
Restored restore_sqlite(const DatabaseUrl& url, const std::filesystem::path& file,
                        bool may_overwrite);
void backup_postgresql(const DatabaseUrl& url, const std::filesystem::path& file);
Restored restore_postgresql(const DatabaseUrl& url, const std::filesystem::path& file,
                            bool may_overwrite);

// A file beside `file` that becomes it by commit(), on disk then; else it goes.
class Draft {
 public:
  explicit Draft(std::filesystem::path file);
  ~Draft();
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void commit();

 private:
  std::filesystem::path file_;
  std::filesystem::path path_;
};

// Throws when a backup says that it is not ours, or of a program newer than this one. `initial` is
// the name of its first migration.
void check_origin(const std::filesystem::path& file, const std::string& initial, int version);

}  // namespace server::db
