// `webrtc-chat user …`: accounts from the command line.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config.hpp"

namespace CLI {
class App;
}

namespace server::app {

// The subcommand with its own: create, list, unlock, delete, set-password. Passwords come from the
// standard input, one line, so that no list of processes shows them.
class UserCommands {
 public:
  explicit UserCommands(CLI::App& app);

  // Whether the command line named one of them.
  bool parsed() const;
  // Does it; 0 when done, 1 when it was refused, with the reason on the standard error. Throws
  // std::exception when the database cannot be used.
  int run(const Config& config) const;

 private:
  CLI::App* user_;
  std::string email_;
  std::string username_;
};

}  // namespace server::app
