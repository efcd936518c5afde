// What a chat message is, to every slice that speaks of one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/timestamp.hpp"

namespace server::chat {

struct Message {
  std::string id;
  std::string content;
  std::string room_id;
  std::optional<std::string> user_id;  // nullopt: a guest wrote it
  std::string username;
  db::Timestamp created_at;
};

// Who writes: an account, or a guest with the random id of the connection.
struct Author {
  std::optional<std::string> user_id;
  std::string guest_id;  // read when there is no user_id
  std::string name;      // username, or the name that the guest gave
  std::string address;   // of the client, as text; read when there is no user_id
};

// Oldest first.
struct MessagePage {
  std::vector<Message> messages;
  std::optional<std::string> next_cursor;  // `before` of the next older page
};

}  // namespace server::chat
