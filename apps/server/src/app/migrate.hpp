// Brings the store to the schema of this program, at the start and by `webrtc-chat migrate`.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"
#include "db/migrations.hpp"

namespace server::app {

// What was done, in order; empty when there was nothing to do. Throws std::exception with words
// for the operator when the database cannot be reached or its schema is not ours.
std::vector<db::MigrationStep> migrate_store(const Config& config);

// What in the database's settings endangers what it has acknowledged, one line each. Throws as
// above.
std::vector<std::string> durability_mistakes(const Config& config);

}  // namespace server::app
