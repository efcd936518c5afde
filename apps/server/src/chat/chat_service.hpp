// The rules of chat: what is stored, for how long, and in what order it is read back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "chat/chat_quota.hpp"
#include "chat/message.hpp"
#include "db/ids.hpp"
#include "http/api_error.hpp"

namespace server::chat {

class MessageStore;
namespace net = boost::asio;

inline constexpr int kMessagePageMax = 100;
inline constexpr int kMessagePageDefault = 50;
inline constexpr std::size_t kMessagePageOctetsMax = 256 * 1024;  // of a page, as JSON
inline constexpr int kExpiryBatch = 500;  // messages deleted in one transaction

// Control thread only. Who may write or read in a room is the caller's rule.
// Errors common to all: 503 UNAVAILABLE when the database is away.
class ChatService {
 public:
  struct Stored {
    Message message;
    bool repeated = false;  // a retry: stored before, so nobody must be told again
  };

  // Both references outlive the service.
  ChatService(MessageStore& store, db::Clock clock, Random& random, const ChatLimits& limits = {});

  // Stores a message once per identity, room and client_id: the same client_id again gives what
  // was stored first. `content` is trimmed. Errors: VALIDATION_ERROR (content not 1 to 4000
  // characters, client_id not 1 to 64), QUOTA_EXCEEDED, ROOM_NOT_FOUND (deleted meanwhile).
  net::awaitable<http::Result<Stored>> store(std::string room_id, Author author,
                                             std::string content, std::string client_id);

  // At most `limit` (1 to kMessagePageMax) messages older than the message `before`, or the latest;
  // fewer when they would exceed kMessagePageOctetsMax, but one at least.
  // Errors: VALIDATION_ERROR (`before` is no message of this room, limit out of range).
  net::awaitable<http::Result<MessagePage>> history(std::string room_id,
                                                    std::optional<std::string> before, int limit);

  // Deletes the oldest messages of all rooms that are older than `age`, kExpiryBatch at most.
  // Whether there may be more; false too while another server is at it.
  net::awaitable<http::Result<bool>> remove_expired(std::chrono::days age);

 private:
  struct Claim {  // taken from the quotas for one message
    std::string author;
    std::string room_id;
    std::int64_t octets = 0;
  };
  http::Result<void> take(const Claim& claim, db::Timestamp now);
  void give_back(const Claim& claim);

  MessageStore& store_;
  db::Clock clock_;
  db::IdSource ids_;
  ChatLimits limits_;
  OctetQuota of_authors_;
  OctetQuota of_rooms_;
};

}  // namespace server::chat
