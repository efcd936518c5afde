// Who somebody is, on the way between servers.
#pragma once

#include <boost/json/value.hpp>

#include "call/peer.hpp"

namespace server::call {

boost::json::value to_json(const Identity& who);
// Throws when it is nobody.
Identity to_identity(const boost::json::value& value);

}  // namespace server::call
