#include "db/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "db/migrations.hpp"

namespace server::db {
namespace {

void sync(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!done) {
    throw BackupError(fmt::format("{}: {}", path.string(), std::generic_category().message(error)));
  }
}

}  // namespace

Draft::Draft(std::filesystem::path file)
    : file_(std::move(file)), path_(fmt::format("{}.{}.part", file_.string(), ::getpid())) {
  // Made here, so that it is for its owner alone before a word is in it.
  if (::mknod(path_.c_str(), S_IFREG | 0600, 0) == 0) return;
  throw BackupError(fmt::format("{}: {}", path_.string(), std::generic_category().message(errno)));
}

Draft::~Draft() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void Draft::commit() {
  sync(path_, O_RDWR);
  std::error_code error;
  std::filesystem::rename(path_, file_, error);
  if (error) throw BackupError(fmt::format("{}: {}", file_.string(), error.message()));
  const auto folder = file_.parent_path();
  sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

void check_origin(const std::filesystem::path& file, const std::string& initial, int version) {
  const auto known = all_migrations();
  if (initial != known.front().name) {
    throw BackupError(fmt::format("{} is no backup of webrtc-chat", file.string()));
  }
  if (version <= known.back().version) return;
  throw BackupError(fmt::format(
      "{} has schema version {}, but this program knows versions up to {} only: restore "
      "it with the program that made it, or a newer one",
      file.string(), version, known.back().version));
}

void backup(const DatabaseUrl& url, const std::filesystem::path& file, bool may_overwrite) {
  const bool is_live = url.kind == DatabaseUrl::Kind::Sqlite && std::filesystem::exists(file) &&
                       std::filesystem::exists(url.target) &&
                       std::filesystem::equivalent(file, url.target);
  if (is_live) throw BackupError(fmt::format("{} is the database itself", file.string()));
  if (std::filesystem::exists(file) && !may_overwrite) {
    throw BackupError(fmt::format("{} is there already: --force replaces it", file.string()));
  }
  Draft draft(file);
  if (url.kind == DatabaseUrl::Kind::Sqlite) {
    backup_sqlite(url, draft.path());
  } else {
    backup_postgresql(url, draft.path());
  }
  draft.commit();
}

Restored restore(const DatabaseUrl& url, const std::filesystem::path& file, bool may_overwrite) {
  if (!std::filesystem::is_regular_file(file)) {
    throw BackupError(fmt::format("{}: no such file", file.string()));
  }
  return url.kind == DatabaseUrl::Kind::Sqlite ? restore_sqlite(url, file, may_overwrite)
                                               : restore_postgresql(url, file, may_overwrite);
}

}  // namespace server::db
