// Notices and replies as the JSON of docs/protocol/signalling.md.
#pragma once

#include <boost/json.hpp>
#include <string_view>

#include "call/ice_servers.hpp"
#include "call/notices.hpp"

namespace server::call {

namespace json = boost::json;

struct Encoded {
  std::string_view event;  // its name as an event of its own; empty: it has none
  json::value payload;
};

Encoded encode(const Notice& notice, const IceServers& ice);
Encoded encode(const Reply& reply, const IceServers& ice);

// {code, message} with the field that is wrong in its text; for `error` and acknowledgements.
json::object encode_error(const http::ApiError& error);

}  // namespace server::call
