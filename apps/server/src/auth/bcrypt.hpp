// bcrypt by the system's libcrypt; slow on purpose, so never on the control thread.
#pragma once

#include <string>

#include "base/random.hpp"

namespace server::auth {

// What a hash begins with: "$2b$", the rounds, and a salt of 128 random bits.
std::string make_bcrypt_setting(int rounds, Random& random);

// The hash of a password under a setting (or under a hash, whose setting is read). The empty
// string when the setting is none. Reads 72 octets of the password and no more.
std::string bcrypt(const std::string& password, const std::string& setting);

}  // namespace server::auth
