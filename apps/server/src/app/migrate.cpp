#include "app/migrate.hpp"

#include "app/accounts.hpp"
#include "db/durability.hpp"

namespace server::app {

std::vector<db::MigrationStep> migrate_store(const Config& config) {
  db::Connection connection(database_url(config));
  return db::migrate(connection);
}

std::vector<std::string> durability_mistakes(const Config& config) {
  db::Connection connection(database_url(config));
  return db::durability_mistakes(connection);
}

}  // namespace server::app
