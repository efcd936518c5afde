#include "chat/message_json.hpp"

namespace server::chat {

boost::json::object to_json(const Message& message) {
  boost::json::value user_id;
  if (message.user_id) user_id = *message.user_id;
  return {{"id", message.id},
          {"content", message.content},
          {"roomId", message.room_id},
          {"userId", std::move(user_id)},
          {"username", message.username},
          {"createdAt", db::to_iso8601(message.created_at)}};
}

boost::json::array to_json(const std::vector<Message>& messages) {
  boost::json::array list;
  for (const Message& message : messages) list.push_back(to_json(message));
  return list;
}

}  // namespace server::chat
