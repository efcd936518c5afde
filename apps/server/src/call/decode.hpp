// From what a socket sent to a typed event: the one place that reads signalling JSON.
#pragma once

#include <boost/json.hpp>
#include <string_view>

#include "call/client_events.hpp"
#include "http/api_error.hpp"

namespace server::call {

// VALIDATION_ERROR, with each field named, for an unknown event, more than one argument, a wrong
// type, an unknown field, or a value beyond its limit.
http::Result<ClientEvent> decode(std::string_view event, const json::array& args);

}  // namespace server::call
