#include "db/missing_rows.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace server::db {

std::vector<std::string> missing_rows(Connection& connection, std::string_view table,
                                      const std::vector<std::string>& ids) {
  const std::string_view asked =
      connection.is_postgresql()
          ? R"(json_array_elements_text(CAST($1 AS json)) AS "asked"("value"))"
          : R"(json_each($1) AS "asked")";
  const std::string sql = fmt::format(
      R"(SELECT "asked"."value" FROM {}
         WHERE NOT EXISTS (SELECT 1 FROM "{}" t WHERE t."id" = "asked"."value"))",
      asked, table);
  const std::string list = boost::json::serialize(boost::json::value_from(ids));
  std::vector<std::string> missing;
  for (auto& [id] : connection.select<std::string>(sql, list)) missing.push_back(std::move(id));
  return missing;
}

}  // namespace server::db
