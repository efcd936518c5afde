#include "app/migrate.hpp"

#include "app/accounts.hpp"

namespace server::app {

std::vector<db::MigrationStep> migrate_store(const Config& config) {
  db::Connection connection(database_url(config));
  return db::migrate(connection);
}

}  // namespace server::app
