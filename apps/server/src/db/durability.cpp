#include "db/durability.hpp"

namespace server::db {

std::vector<std::string> durability_mistakes(const Connection& connection) {
  std::vector<std::string> mistakes;
  if (!connection.is_postgresql()) return mistakes;
  for (const std::string_view name : {"synchronous_commit", "fsync", "full_page_writes"}) {
    const auto row = connection.select_one<std::string>("SELECT current_setting($1)", name);
    if (std::get<0>(*row) != "off") continue;
    mistakes.push_back(
        "PostgreSQL's " + std::string(name) +
        " is off: a crash of the database loses what was acknowledged; set it to on");
  }
  return mistakes;
}

}  // namespace server::db
