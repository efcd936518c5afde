// The command line of the server (docs/operations.md).
#pragma once

namespace server::app {

// Exit codes: 0 good, 1 failed at run time, 2 wrong usage or configuration.
int run_command_line(int argc, char** argv);

}  // namespace server::app
