// The rules of chat: what is stored, and in what order it is read back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "chat/message.hpp"
#include "db/ids.hpp"
#include "http/api_error.hpp"

namespace server::chat {

class MessageStore;
namespace net = boost::asio;

inline constexpr int kMessagePageMax = 100;
inline constexpr int kMessagePageDefault = 50;
// Octets of a page's messages as JSON; a page of larger ones has fewer.
inline constexpr std::size_t kMessagePageOctets = 256 * 1024;

// Control thread only. Who may write or read in a room is the caller's rule.
// Errors common to all: 503 UNAVAILABLE when the database is away.
class ChatService {
 public:
  struct Stored {
    Message message;
    bool repeated = false;  // a retry: stored before, so nobody must be told again
  };

  // Both references outlive the service.
  ChatService(MessageStore& store, db::Clock clock, Random& random);

  // Stores a message once per identity, room and client_id: the same client_id again gives what
  // was stored first. `content` is trimmed. Errors: VALIDATION_ERROR (content not 1 to 4000
  // characters, client_id not 1 to 64), ROOM_NOT_FOUND (deleted meanwhile).
  net::awaitable<http::Result<Stored>> store(std::string room_id, Author author,
                                             std::string content, std::string client_id);

  // At most `limit` (1 to kMessagePageMax) messages older than the message `before`, or the latest;
  // fewer when they are larger than `octets_max` together, but one at least.
  // Errors: VALIDATION_ERROR (`before` is no message of this room, limit out of range).
  net::awaitable<http::Result<MessagePage>> history(std::string room_id,
                                                    std::optional<std::string> before, int limit,
                                                    std::size_t octets_max = kMessagePageOctets);

 private:
  MessageStore& store_;
  db::IdSource ids_;
};

}  // namespace server::chat
