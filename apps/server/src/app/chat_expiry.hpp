// Old chat messages go, hour by hour.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "chat/chat_service.hpp"

namespace server::app {

namespace net = boost::asio;

// Deletes the messages that are older than `age`, at the start and then each hour, in batches with
// pauses between them. For the life of the io_context; `chat` outlives it.
net::awaitable<void> expire_chats(chat::ChatService& chat, std::chrono::days age);

}  // namespace server::app
