// The contract's `message` object, for REST and Socket.IO alike.
#pragma once

#include <boost/json.hpp>

#include "chat/message.hpp"

namespace server::chat {

boost::json::object to_json(const Message& message);
boost::json::array to_json(const std::vector<Message>& messages);

}  // namespace server::chat
