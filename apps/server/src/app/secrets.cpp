#include "app/secrets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <system_error>

namespace server::app {

namespace {

constexpr std::size_t kKeyCharacters = 43;  // of 6 bits each: 258 bits

JwtSecrets read(const std::filesystem::path& file) {
  std::ifstream in(file);
  JwtSecrets secrets;
  std::getline(in, secrets.access);
  std::getline(in, secrets.refresh);
  const bool is_whole = secrets.access.size() >= 32 && secrets.refresh.size() >= 32;
  if (!is_whole) {
    throw std::runtime_error(
        fmt::format("{} does not hold two keys; remove it to have new ones made", file.string()));
  }
  return secrets;
}

}  // namespace

// Written beside its place and linked into it, so that two servers that start at once agree and
// nobody reads half a file.
JwtSecrets load_or_make_secrets(const std::filesystem::path& file, Random& random) {
  if (std::filesystem::exists(file)) return read(file);
  std::filesystem::create_directories(file.parent_path());
  const std::string draft = file.string() + "." + random.url_safe(8);
  const int descriptor = ::open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  const std::string text =
      random.url_safe(kKeyCharacters) + "\n" + random.url_safe(kKeyCharacters) + "\n";
  const bool written =
      descriptor >= 0 &&
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (written) (void)::link(draft.c_str(), file.c_str());
  ::unlink(draft.c_str());
  if (!written)
    throw std::system_error(error, std::generic_category(), "cannot write " + file.string());
  return read(file);
}

JwtSecrets jwt_secrets(const Config& config, Random& random) {
  if (config.jwt_access_secret.empty()) return load_or_make_secrets("data/secrets", random);
  return {config.jwt_access_secret, config.jwt_refresh_secret};
}

}  // namespace server::app
