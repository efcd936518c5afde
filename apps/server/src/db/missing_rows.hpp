// Which of many ids are not in a table any more: another process may have deleted them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"

namespace server::db {

// The statement of missing_rows(), and its first parameter.
std::string missing_rows_sql(const Connection& connection, std::string_view table,
                             std::string_view condition);
std::string missing_rows_list(const std::vector<std::string>& ids);

// Those of `ids` that are no row's "id" in `table`, a name of our schema, or are one for which the
// SQL `condition` on the row `t` fails. `values` are the condition's parameters, from $2 on.
template <class... Values>
std::vector<std::string> missing_rows(const Connection& connection, std::string_view table,
                                      const std::vector<std::string>& ids,
                                      std::string_view condition = "TRUE",
                                      const Values&... values) {
  const std::string sql = missing_rows_sql(connection, table, condition);
  std::vector<std::string> missing;
  for (auto& [id] : connection.select<std::string>(sql, missing_rows_list(ids), values...)) {
    missing.push_back(std::move(id));
  }
  return missing;
}

}  // namespace server::db
