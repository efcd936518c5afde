#pragma once

#include <filesystem>

namespace server::app {

// The client's build: beside the executable, or where a package puts it.
std::filesystem::path client_folder();

}  // namespace server::app
