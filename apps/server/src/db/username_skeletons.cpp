#include "db/username_skeletons.hpp"

#include <set>

#include "base/display_name.hpp"

namespace server::db {

void fill_username_skeletons(Connection& connection) {
  std::set<std::string> taken;
  for (auto& [id, username] : connection.select<std::string, std::string>(
           R"(SELECT "id", "username" FROM "User" ORDER BY "createdAt", "id")")) {
    std::string skeleton = name_skeleton(username);
    if (!taken.insert(skeleton).second) skeleton += "#" + id;
    connection.execute(R"(UPDATE "User" SET "usernameSkeleton" = $1 WHERE "id" = $2)", skeleton,
                       id);
  }
}

}  // namespace server::db
