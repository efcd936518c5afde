// Which of many ids are not in a table any more: another process may have deleted them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"

namespace server::db {

// Those of `ids` that are no row's "id" in `table`, a name of our schema.
std::vector<std::string> missing_rows(Connection& connection, std::string_view table,
                                      const std::vector<std::string>& ids);

}  // namespace server::db
