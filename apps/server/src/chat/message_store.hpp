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

  enum class Fate : std::uint8_t {
    New,
    Repeated,    // the author had stored one under this client_id already, which comes back
    RoomIsFull,  // not stored: the messages of the room would cost more than allowed
  };
  struct Stored {
    Message message;
    Fate fate = Fate::New;
  };
  // `room_octets_max`: what the room's messages may cost together (cost_of). Error Missing when the
  // room or the author is gone.
  net::awaitable<db::Outcome<Stored>> insert(Message message, Author author, std::string client_id,
                                             std::int64_t room_octets_max);

  // At most `limit` messages of the room, oldest first: the newest, or the newest before one. None
  // is older than the one whose text exceeds `octets_max` altogether. Nullopt when `before` is no
  // message of the room.
  net::awaitable<db::Outcome<std::optional<std::vector<Message>>>> page(
      std::string room_id, std::optional<std::string> before, int limit, std::size_t octets_max);

  // Deletes the oldest messages of all rooms from before a moment, `limit` at most. How many;
  // nullopt while another server deletes some.
  net::awaitable<db::Outcome<std::optional<std::int64_t>>> remove_older(db::Timestamp before,
                                                                        int limit);

 private:
  db::Database& database_;
};

}  // namespace server::chat
