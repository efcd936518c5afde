// An account as the slices know it; the password hash never leaves the stores.
#pragma once

#include <cstdint>
#include <string>

#include "db/timestamp.hpp"

namespace server::user {

struct User {
  std::string id;
  std::string email;
  std::string username;
  std::int64_t token_version = 0;
  db::Timestamp created_at;
  db::Timestamp updated_at;
};

}  // namespace server::user
