#include "db/missing_rows.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace server::db {

std::string missing_rows_sql(const Connection& connection, std::string_view table,
                             std::string_view condition) {
  const std::string_view asked =
      connection.is_postgresql()
          ? R"(json_array_elements_text(CAST($1 AS json)) AS "asked"("value"))"
          : R"(json_each($1) AS "asked")";
  return fmt::format(
      R"(SELECT "asked"."value" FROM {}
         WHERE NOT EXISTS (SELECT 1 FROM "{}" t WHERE t."id" = "asked"."value" AND {}))",
      asked, table, condition);
}

std::string missing_rows_list(const std::vector<std::string>& ids) {
  return boost::json::serialize(boost::json::value_from(ids));
}

}  // namespace server::db
