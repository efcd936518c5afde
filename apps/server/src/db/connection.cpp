#include "db/connection.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <unordered_map>

namespace server::db {
namespace {

using Kind = DbError::Kind;

DbException failure(Kind kind, std::string message) {
  return DbException({kind, std::move(message)});
}

Kind kind_of_sqlite(int result) {
  switch (result) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return Kind::Conflict;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Kind::Missing;
    default:
      break;
  }
  switch (result & 0xFF) {  // the primary code of an extended one
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
      return Kind::Unavailable;
    default:
      return Kind::Failed;
  }
}

// Appendix A of the PostgreSQL manual: classes 08 (connection), 53 (resources), 57 (operator
// intervention) pass; so do the codes of a server that is read-only or recovering.
Kind kind_of_postgresql(std::string_view sqlstate) {
  if (sqlstate == "23505") return Kind::Conflict;
  if (sqlstate == "23503") return Kind::Missing;
  const std::string_view category = sqlstate.substr(0, 2);
  if (category == "08" || category == "53" || category == "57") return Kind::Unavailable;
  if (sqlstate == "25006" || sqlstate == "40001" || sqlstate == "40P01") return Kind::Unavailable;
  return Kind::Failed;
}

// PostgreSQL's further lines quote the values of the row, which are nobody's business in a log.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// How long a writer waits for another program's lock. Well below the deadline of Database: who
// waits behind that writer hears of it in time.
constexpr int kForeignLockMs = 3'000;

// $1 as SOCI takes it, :p1: it wants to know the names of parameters when a statement fails.
std::string with_named_parameters(std::string_view sql) {
  std::string named;
  for (const char c : sql) {
    if (c == '$') {
      named += ":p";
    } else {
      named += c;
    }
  }
  return named;
}

std::string parameter_name(std::size_t index) { return "p" + std::to_string(index + 1); }

// Password hashes are for the owner alone, whatever the umask. SQLite gives its log the mode of the
// file; by path, since closing a descriptor of the file would let go the locks that other
// connections of this process hold on it (POSIX fcntl).
void keep_private(const std::string& file) {
  if (::mknod(file.c_str(), S_IFREG | 0600, 0) == 0) return;
  for (const char* part : {"", "-wal", "-shm"}) {
    const std::string path = file + part;
    struct stat found{};
    const bool is_open_to_others =
        ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 0077) != 0;
    if (is_open_to_others) (void)::chmod(path.c_str(), found.st_mode & 0700);
  }
}

soci::session open_session(const DatabaseUrl& url) {
  if (url.kind == DatabaseUrl::Kind::Postgresql) {
    return soci::session(soci::postgresql, url.target);
  }
  const std::filesystem::path file(url.target);
  std::error_code ignored;  // opening the file then fails and says so
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  keep_private(url.target);
  return soci::session(soci::sqlite3, "db=\"" + url.target + "\"");
}

}  // namespace

// A statement with the variables that it is bound to; the values change, the addresses do not.
struct Connection::Prepared {
  Prepared(soci::session& session, std::size_t parameters, std::size_t columns)
      : statement(session),
        texts(parameters),
        numbers(parameters),
        given(parameters, soci::i_ok),
        cells(columns),
        got(columns, soci::i_ok) {}

  soci::statement statement;
  std::vector<std::string> texts;
  std::vector<long long> numbers;
  std::vector<soci::indicator> given;
  std::vector<std::string> cells;
  std::vector<soci::indicator> got;
  std::vector<Cell> row;
};

struct Connection::Session {
  explicit Session(const DatabaseUrl& url)
      : postgresql(url.kind == DatabaseUrl::Kind::Postgresql), soci(open_session(url)) {}

  // UBSan's check of casts wants type information that SOCI's libraries keep to themselves.
  [[clang::no_sanitize("vptr")]] ::PGconn* pg() {
    return static_cast<soci::postgresql_session_backend*>(soci.get_backend())->conn_;
  }
  [[clang::no_sanitize("vptr")]] sqlite_api::sqlite3* sqlite() {
    return static_cast<soci::sqlite3_session_backend*>(soci.get_backend())->conn_;
  }

  bool postgresql;
  soci::session soci;
  std::unordered_map<std::string, std::unique_ptr<Prepared>> statements;  // gone before the session
};

Connection::Connection(const DatabaseUrl& url) {
  try {
    session_ = std::make_unique<Session>(url);
    if (session_->postgresql) {
      // libpq would write what it is told besides to standard error, past the log.
      PQsetNoticeProcessor(session_->pg(), [](void*, const char*) {}, nullptr);
      execute_script(
          "SET client_encoding = 'UTF8'; SET datestyle = 'ISO'; "
          "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'");
    } else {
      sqlite_api::sqlite3_extended_result_codes(session_->sqlite(), 1);
      // A name in double quotes is a name, never a string by mistake.
      sqlite_api::sqlite3_db_config(session_->sqlite(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
      sqlite_api::sqlite3_db_config(session_->sqlite(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
      sqlite_api::sqlite3_busy_timeout(session_->sqlite(), kForeignLockMs);
      // FULL: what was committed survives a power cut too, for one fsync of the log a commit.
      execute_script(
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
          "PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; "
          "PRAGMA journal_size_limit = 67108864");
    }
  } catch (const soci::soci_error& error) {
    throw failure(Kind::Unavailable, "cannot connect: " + error.get_error_message());
  }
}

Connection::~Connection() = default;

bool Connection::is_postgresql() const { return session_->postgresql; }

bool Connection::alive() const {
  return !session_->postgresql || PQstatus(session_->pg()) == CONNECTION_OK;
}

const std::string& Connection::required(const Cell& cell) {
  if (!cell) throw failure(Kind::Failed, "NULL in a column that must have a value");
  return *cell;
}

void Connection::throw_unreadable() {
  throw failure(Kind::Failed, "a column's value is not of its type");
}

void Connection::rethrow() const {
  try {
    throw;
  } catch (const soci::postgresql_soci_error& error) {
    const std::string state = error.sqlstate();
    deadlocked_ = state == "40001" || state == "40P01";
    const Kind kind = alive() ? kind_of_postgresql(state) : Kind::Unavailable;
    throw failure(kind, state + " " + first_line(error.get_error_message()));
  } catch (const soci::sqlite3_soci_error& error) {
    throw sqlite_failure(error.result(), error.get_error_message());
  } catch (const soci::soci_error& error) {
    throw failure(alive() ? Kind::Failed : Kind::Unavailable, error.get_error_message());
  }
}

DbException Connection::sqlite_failure(int result, std::string message) const {
  if ((result & 0xFF) == SQLITE_BUSY) ++foreign_locks_;
  return failure(kind_of_sqlite(result), std::move(message));
}

Connection::Prepared& Connection::prepared(std::string_view sql,
                                           std::span<const Parameter> parameters,
                                           std::size_t columns) const {
  const std::string key(sql);
  if (const auto known = session_->statements.find(key); known != session_->statements.end()) {
    return *known->second;
  }
  auto made = std::make_unique<Prepared>(session_->soci, parameters.size(), columns);
  made->statement.alloc();
  made->statement.prepare(with_named_parameters(sql));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (std::holds_alternative<std::string>(parameters[i].value)) {
      made->statement.exchange(soci::use(made->texts[i], made->given[i], parameter_name(i)));
    } else {
      made->statement.exchange(soci::use(made->numbers[i], made->given[i], parameter_name(i)));
    }
  }
  for (std::size_t i = 0; i < columns; ++i) {
    made->statement.exchange(soci::into(made->cells[i], made->got[i]));
  }
  made->statement.define_and_bind();
  made->row.resize(columns);
  return *session_->statements.emplace(key, std::move(made)).first->second;
}

std::int64_t Connection::query(std::string_view sql, std::span<const Parameter> parameters,
                               std::size_t columns, const OnRow& on_row) const {
  deadlocked_ = false;
  try {
    Prepared& statement = prepared(sql, parameters, columns);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      statement.given[i] = parameters[i].is_null ? soci::i_null : soci::i_ok;
      if (const auto* text = std::get_if<std::string>(&parameters[i].value)) {
        statement.texts[i] = *text;
      } else {
        statement.numbers[i] = std::get<std::int64_t>(parameters[i].value);
      }
    }
    // Rows are read to the end: a SQLite statement left half-way would keep its snapshot open.
    bool more = statement.statement.execute(true);
    for (; columns > 0 && more; more = statement.statement.fetch()) {
      for (std::size_t i = 0; i < columns; ++i) {
        if (statement.got[i] == soci::i_null) {
          statement.row[i].reset();
        } else {
          statement.row[i] = statement.cells[i];
        }
      }
      on_row(statement.row);
    }
    return statement.statement.get_affected_rows();
  } catch (...) {
    session_->statements.erase(std::string(sql));
    rethrow();
  }
}

void Connection::execute_script(const std::string& sql) {
  deadlocked_ = false;
  if (session_->postgresql) {
    PGresult* const result = PQexec(session_->pg(), sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string sqlstate = state == nullptr ? "" : state;
    PQclear(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    deadlocked_ = sqlstate == "40001" || sqlstate == "40P01";
    throw failure(alive() ? kind_of_postgresql(sqlstate) : Kind::Unavailable,
                  sqlstate + " " + first_line(PQerrorMessage(session_->pg())));
  }
  const int result =
      sqlite_api::sqlite3_exec(session_->sqlite(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return;
  throw sqlite_failure(result, sqlite_api::sqlite3_errmsg(session_->sqlite()));
}

void Connection::begin() { execute_script(session_->postgresql ? "BEGIN" : "BEGIN IMMEDIATE"); }

void Connection::commit() { execute_script("COMMIT"); }

void Connection::rollback() noexcept {
  const bool deadlocked = deadlocked_;
  try {
    execute_script("ROLLBACK");
  } catch (const DbException&) {
    // The failure that led here is the one to tell; SQLite may have rolled back by itself.
  }
  deadlocked_ = deadlocked;
}

}  // namespace server::db
