// Backups of PostgreSQL, by the programs that come with it.
#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

#include "db/backup.hpp"
#include "db/connection.hpp"
#include "db/migrations.hpp"

namespace server::db {
namespace {

namespace fs = std::filesystem;

// What libpq reads of its environment says where the database is: a password on a command line
// would stand in every list of processes.
std::vector<std::string> environment_for(const DatabaseUrl& url) {
  std::vector<std::string> variables;
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view(*one).starts_with("PG")) variables.emplace_back(*one);
  }
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(url.target.c_str(), nullptr), PQconninfoFree);
  for (auto* one = options.get(); one != nullptr && one->keyword != nullptr; ++one) {
    // Not the server's own name, by which restore() knows whether one is there.
    const bool is_ours = std::string_view(one->keyword) == "application_name";
    const bool can_be_given = one->val != nullptr && one->envvar != nullptr;
    if (can_be_given && !is_ours) variables.push_back(fmt::format("{}={}", one->envvar, one->val));
  }
  variables.emplace_back("PGAPPNAME=webrtc-chat-backup");
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Runs a program to its good end; what it says on standard error is the operator's to read.
void run(std::vector<std::string> command, const DatabaseUrl& url) {
  std::vector<std::string> variables = environment_for(url);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int error = posix_spawnp(&child, command.front().c_str(), &files, nullptr,
                                 pointers_to(command).data(), pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&files);
  if (error == ENOENT) {
    throw BackupError(
        fmt::format("{} is not installed: the package postgresql-client has it", command.front()));
  }
  int status = -1;
  const bool ended = error == 0 && ::waitpid(child, &status, 0) == child;
  if (!ended || status != 0) throw BackupError(fmt::format("{} failed", command.front()));
}

// What pg_restore makes of an archive, as SQL or a list, in `out`.
void unpack(const fs::path& archive, std::vector<std::string> options, const fs::path& out,
            const DatabaseUrl& url) {
  std::vector<std::string> command{"pg_restore", "--file=" + out.string()};
  std::ranges::move(options, std::back_inserter(command));
  command.push_back(archive.string());
  try {
    run(std::move(command), url);
  } catch (const BackupError& error) {
    throw BackupError(fmt::format("{}: {}", archive.string(), error.what()));
  }
}

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What an archive of pg_dump says of itself.
struct Archive {
  std::string schema;
  std::set<std::string> tables;
  std::string initial;  // name of the first migration
  int version = 0;
};

// A line of `pg_restore --list` for a table: "215; 1259 16385 TABLE public User postgres".
void read_list(const std::string& list, Archive& archive) {
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, catalog, object, kind, schema, name;
    words >> number >> catalog >> object >> kind >> schema >> name;
    if (kind != "TABLE" || schema == "DATA") continue;
    archive.tables.insert(name);
    if (name == "SchemaMigration") archive.schema = schema;
  }
}

// Rows of COPY: "1\tinitial\t2026-01-01 00:00:00".
void read_migrations(const std::string& script, Archive& archive) {
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    int version = 0;
    std::string name;
    if (!(words >> version >> name)) continue;
    if (version == 1) archive.initial = name;
    archive.version = std::max(archive.version, version);
  }
}

Archive examine(const DatabaseUrl& url, const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string magic(5, '\0');
  in.read(magic.data(), 5);
  if (magic != "PGDMP") check_origin(file, "", 0);
  const Draft answer(fs::temp_directory_path() / "webrtc-chat-restore");
  Archive archive;
  unpack(file, {"--list"}, answer.path(), url);
  read_list(read(answer.path()), archive);
  if (archive.schema.empty()) check_origin(file, "", 0);
  unpack(file, {"--data-only", "--table=SchemaMigration"}, answer.path(), url);
  read_migrations(read(answer.path()), archive);
  check_origin(file, archive.initial, archive.version);
  return archive;
}

std::string current_schema(Connection& connection) {
  return std::get<0>(*connection.select_one<std::string>("SELECT current_schema()"));
}

// The name of everything of this kind (TABLE, FUNCTION) that a version of this program makes.
std::set<std::string> made_by_migrations(std::string_view kind) {
  std::set<std::string> names;
  const std::string create = fmt::format("CREATE {} \"", kind);
  for (const Migration& migration : all_migrations()) {
    std::string_view sql = migration.postgresql;
    for (auto at = sql.find(create); at != std::string_view::npos; at = sql.find(create)) {
      sql.remove_prefix(at + create.size());
      names.emplace(sql.substr(0, sql.find('"')));
    }
  }
  return names;
}

std::set<std::string> tables_here(Connection& connection) {
  std::set<std::string> names;
  for (const auto& [name] : connection.select<std::string>(
           "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")) {
    names.insert(name);
  }
  return names;
}

// The statement that takes away what stands in the archive's way; empty when nothing does.
std::string make_room(const DatabaseUrl& url, const Archive& archive, bool may_overwrite) {
  Connection connection(url);
  if (const std::string here = current_schema(connection); here != archive.schema) {
    throw BackupError(fmt::format("the backup is of schema {}, DATABASE_URL leads to schema {}",
                                  archive.schema, here));
  }
  const auto servers = connection.select_one<std::int64_t>(
      "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
      "AND application_name = 'webrtc-chat' AND pid <> pg_backend_pid()");
  if (std::get<0>(*servers) > 0) {
    throw BackupError("the database is in use: stop the servers first");
  }
  std::set<std::string> names = made_by_migrations("TABLE");
  names.insert("SchemaMigration");
  names.insert(archive.tables.begin(), archive.tables.end());
  std::string drop;
  for (const std::string& name : tables_here(connection)) {
    if (names.contains(name)) drop += fmt::format("DROP TABLE \"{}\" CASCADE; ", name);
  }
  if (!drop.empty() && !may_overwrite) {
    throw BackupError("the database is not empty: --force replaces what is there");
  }
  for (const std::string& name : made_by_migrations("FUNCTION")) {
    drop += fmt::format("DROP FUNCTION IF EXISTS \"{}\" CASCADE; ", name);
  }
  return drop;
}

}  // namespace

void backup_postgresql(const DatabaseUrl& url, const fs::path& file) {
  Connection connection(url);
  if (schema_version(connection) == 0) throw BackupError("the database holds nothing of ours");
  run({"pg_dump", "--format=custom", "--no-owner", "--no-privileges",
       fmt::format("--schema=\"{}\"", current_schema(connection)), "--file=" + file.string()},
      url);
}

Restored restore_postgresql(const DatabaseUrl& url, const fs::path& file, bool may_overwrite) {
  const Archive archive = examine(url, file);
  const std::string drop = make_room(url, archive, may_overwrite);
  const Draft script(fs::temp_directory_path() / "webrtc-chat-restore");
  // With --schema what lies in the schema, not the schema itself.
  unpack(file, {"--no-owner", "--no-privileges", "--schema=" + archive.schema}, script.path(), url);
  std::vector<std::string> load{"psql", "--no-psqlrc", "--quiet", "--single-transaction",
                                "--set=ON_ERROR_STOP=1"};
  if (!drop.empty()) load.push_back("--command=" + drop);
  load.push_back("--file=" + script.path().string());
  run(std::move(load), url);
  return {archive.version};
}

}  // namespace server::db
