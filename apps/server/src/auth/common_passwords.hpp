// The shipped list of passwords that everybody tries first.
#pragma once

#include <span>
#include <string_view>

namespace server::auth {

// Lower case and sorted; from common_passwords.txt, compiled into the program.
std::span<const std::string_view> common_passwords();

}  // namespace server::auth
