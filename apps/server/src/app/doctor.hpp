// `webrtc-chat doctor`: what would keep this server from working here, in plain words.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"

namespace server::app {

struct Finding {
  bool is_good = false;
  std::string what;    // "database"
  std::string detail;  // what was found, or what to do about it
};

// Tries what a start would do, and leaves nothing behind: ports are bound and let go again, the
// database is asked and not changed.
std::vector<Finding> examine(const Config& config);

}  // namespace server::app
