// Whether the database keeps what it has acknowledged.
#pragma once

#include <string>
#include <vector>

#include "db/connection.hpp"

namespace server::db {

// One line for each setting of PostgreSQL by which a crash loses what was committed, for the
// operator. SQLite's are ours, and good.
std::vector<std::string> durability_mistakes(const Connection& connection);

}  // namespace server::db
