// Chat messages in the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chat/message.hpp"
#include "db/database.hpp"

namespace server::chat {

namespace net = boost::asio;

class MessageStore {
 public:
  explicit MessageStore(db::Database& database) : database_(database) {}

  struct Stored {
    Message message;
    bool repeated = false;
  };
  // Stores the message unless its author has stored one under this client_id already, which is
  // then what comes back. Error Missing when the room or the author is gone.
  net::awaitable<db::Outcome<Stored>> insert(Message message, Author author, std::string client_id);

  // At most `limit` messages of the room, oldest first: the newest, or the newest before one.
  // Nullopt when `before` is no message of the room.
  net::awaitable<db::Outcome<std::optional<std::vector<Message>>>> page(
      std::string room_id, std::optional<std::string> before, int limit);

 private:
  db::Database& database_;
};

}  // namespace server::chat
