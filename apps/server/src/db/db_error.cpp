#include "db/db_error.hpp"

#include "telemetry/log.hpp"

namespace server::db {

http::ApiError to_api_error(const DbError& error) {
  if (error.kind == DbError::Kind::Unavailable) {
    http::ApiError away{503, "UNAVAILABLE", "The service is not available right now.", {}, {}};
    away.retry_after_s = 1;
    return away;
  }
  log::error("database work failed", {{"error", error.message}});
  return {500, "INTERNAL_ERROR", "Something went wrong on our side.", {}, {}};
}

}  // namespace server::db
