#include "chat/chat_service.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/text.hpp"
#include "chat/message_json.hpp"
#include "chat/message_store.hpp"

namespace server::chat {
namespace {

constexpr std::size_t kContentMax = 4000;  // characters
constexpr std::size_t kClientIdMax = 64;   // characters

// The newest of them that fit; one always does.
std::size_t count_that_fit(const std::vector<Message>& messages, std::size_t octets_max) {
  std::size_t count = 0;
  std::size_t octets = 0;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message, ++count) {
    octets += boost::json::serialize(to_json(*message)).size();
    if (count > 0 && octets > octets_max) break;
  }
  return count;
}

}  // namespace

ChatService::ChatService(MessageStore& store, db::Clock clock, Random& random)
    : store_(store), ids_(std::move(clock), random) {}

net::awaitable<http::Result<ChatService::Stored>> ChatService::store(std::string room_id,
                                                                     Author author,
                                                                     std::string content,
                                                                     std::string client_id) {
  const std::string_view text = trim(content);
  if (text.empty() || count_characters(text) > kContentMax) {
    co_return std::unexpected(http::invalid_field("content", "must be 1 to 4000 characters"));
  }
  if (client_id.empty() || count_characters(client_id) > kClientIdMax) {
    co_return std::unexpected(http::invalid_field("clientId", "must be 1 to 64 characters"));
  }
  auto [id, now] = ids_.next();
  Message message{std::move(id),  std::string(text), std::move(room_id),
                  author.user_id, author.name,       now};
  auto stored = co_await store_.insert(std::move(message), std::move(author), std::move(client_id));
  if (!stored && stored.error().kind == db::DbError::Kind::Missing) {
    co_return http::fail(404, "ROOM_NOT_FOUND", "There is no such room.");
  }
  if (!stored) co_return std::unexpected(db::to_api_error(stored.error()));
  co_return Stored{std::move(stored->message), stored->repeated};
}

net::awaitable<http::Result<MessagePage>> ChatService::history(std::string room_id,
                                                               std::optional<std::string> before,
                                                               int limit, std::size_t octets_max) {
  if (limit < 1 || limit > kMessagePageMax) {
    co_return std::unexpected(http::invalid_field("limit", "must be 1 to 100"));
  }
  if (before && !db::is_id(*before)) {
    co_return std::unexpected(http::invalid_field("before", "is no message of this room"));
  }
  // One more than asked for tells whether there is an older page.
  auto messages = co_await store_.page(std::move(room_id), std::move(before), limit + 1);
  if (!messages) co_return std::unexpected(db::to_api_error(messages.error()));
  if (!*messages) {
    co_return std::unexpected(http::invalid_field("before", "is no message of this room"));
  }
  MessagePage page{std::move(**messages), std::nullopt};
  const std::size_t shown =
      std::min(static_cast<std::size_t>(limit), count_that_fit(page.messages, octets_max));
  if (page.messages.size() > shown) {
    page.messages.erase(page.messages.begin(), page.messages.end() - static_cast<long>(shown));
    page.next_cursor = page.messages.front().id;
  }
  co_return page;
}

}  // namespace server::chat
