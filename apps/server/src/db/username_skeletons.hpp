// The part of a migration that SQL cannot do: the skeletons of the names that are there.
#pragma once

#include "db/connection.hpp"

namespace server::db {

// Gives every account without one the skeleton of its name, the oldest first. An account whose name
// looks like an older one's keeps its name; its skeleton ends in '#' and its id, which is no
// name's. In the transaction of the caller.
void fill_username_skeletons(Connection& connection);

}  // namespace server::db
