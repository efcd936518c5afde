// Hashes by which secrets are known to the database.
#pragma once

#include <string>
#include <string_view>

namespace server::auth {

// SHA-256, 64 hexadecimal digits.
std::string sha256_hex(std::string_view text);

// In time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace server::auth
