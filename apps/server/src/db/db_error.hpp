// Why the database did not do what it was asked.
#pragma once

#include <cstdint>
#include <string>

#include "http/api_error.hpp"

namespace server::db {

struct DbError {
  enum class Kind : std::uint8_t {
    Unavailable,  // not reachable, overloaded, or too slow: whether it was done is not known
    Conflict,     // a unique index refused the row
    Missing,      // a foreign key points to a row that is not there
    Failed,       // anything else, which is our bug
  };
  Kind kind = Kind::Failed;
  std::string message;  // for the log: no SQL parameters, so no secrets
};

// What the client learns: 503 UNAVAILABLE, else 500 INTERNAL_ERROR, which is logged.
http::ApiError to_api_error(const DbError& error);

}  // namespace server::db
