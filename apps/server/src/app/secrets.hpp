// The keys that sign logins, when the operator gave none: made once and kept.
#pragma once

#include <filesystem>
#include <string>

#include "app/config.hpp"
#include "base/random.hpp"

namespace server::app {

struct JwtSecrets {
  std::string access;
  std::string refresh;
};

// Reads `file`, or makes it (mode 0600) with fresh keys of 256 bits. Throws std::runtime_error
// when it cannot be read or written, or does not hold two keys.
JwtSecrets load_or_make_secrets(const std::filesystem::path& file, Random& random);

// Those of the configuration, or else of the file data/secrets.
JwtSecrets jwt_secrets(const Config& config, Random& random);

}  // namespace server::app
