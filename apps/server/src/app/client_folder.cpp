#include "app/client_folder.hpp"

namespace server::app {

std::filesystem::path client_folder() {
  const auto home = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto beside = home / "client";
  return std::filesystem::is_directory(beside) ? beside : home / "../share/webrtc-chat/client";
}

}  // namespace server::app
