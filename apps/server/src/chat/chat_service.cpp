#include "chat/chat_service.hpp"

#include "base/text.hpp"
#include "chat/message_store.hpp"

namespace server::chat {
namespace {

constexpr std::size_t kContentMax = 4000;  // characters
constexpr std::size_t kClientIdMax = 64;   // characters

// Octets of text as a JSON string.
std::size_t json_octets(std::string_view text) {
  std::size_t octets = text.size() + 2;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) octets += 5;
    if (c == '"' || c == '\\') octets += 1;
  }
  return octets;
}

// Octets of a message as JSON, at most: the names of its fields and its time have 117.
std::size_t json_octets(const Message& message) {
  constexpr std::size_t kRest = 120;
  return kRest + json_octets(message.id) + json_octets(message.content) +
         json_octets(message.room_id) + json_octets(message.user_id.value_or("")) +
         json_octets(message.username);
}

// How many of the messages, from the newest, fit a page; one at least.
std::size_t fitting(const std::vector<Message>& messages, std::size_t limit) {
  std::size_t count = 0;
  std::size_t octets = 0;
  while (count < messages.size() && count < limit) {
    octets += json_octets(messages[messages.size() - 1 - count]);
    if (count > 0 && octets > kMessagePageOctetsMax) break;
    ++count;
  }
  return count;
}

http::ApiError over_quota(std::string_view reason, std::chrono::milliseconds wait) {
  http::ApiError error{429, "QUOTA_EXCEEDED", std::string(reason), {}, {}};
  error.details.push_back({"content", std::string(reason)});
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  if (seconds.count() > 0) error.retry_after_s = static_cast<unsigned>(seconds.count());
  return error;
}

}  // namespace

ChatService::ChatService(MessageStore& store, db::Clock clock, Random& random,
                         const ChatLimits& limits)
    : store_(store),
      clock_(clock),
      ids_(std::move(clock), random),
      limits_(limits),
      of_authors_(limits.author_octets_per_hour, std::chrono::hours(1)),
      of_rooms_(limits.room_octets_per_day, std::chrono::days(1)) {}

http::Result<void> ChatService::take(const Claim& claim, db::Timestamp now) {
  if (!limits_.has_rates) return {};
  if (const auto wait = of_authors_.wait_for(claim.author, claim.octets, now); wait.count() > 0) {
    return std::unexpected(over_quota("you have written too much within the last hour", wait));
  }
  if (const auto wait = of_rooms_.wait_for(claim.room_id, claim.octets, now); wait.count() > 0) {
    return std::unexpected(over_quota("too much was written here within the last day", wait));
  }
  // Before the message is stored, so that many at once do not pass together.
  of_authors_.take(claim.author, claim.octets, now);
  of_rooms_.take(claim.room_id, claim.octets, now);
  return {};
}

void ChatService::give_back(const Claim& claim) {
  if (!limits_.has_rates) return;
  of_authors_.give_back(claim.author, claim.octets);
  of_rooms_.give_back(claim.room_id, claim.octets);
}

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
  const Claim claim{quota_key(author), message.room_id, cost_of(message)};
  if (auto taken = take(claim, now); !taken) co_return std::unexpected(std::move(taken.error()));
  auto stored = co_await store_.insert(std::move(message), std::move(author), std::move(client_id),
                                       limits_.room_octets);
  const bool is_new = stored && stored->fate == MessageStore::Fate::New;
  if (!is_new) give_back(claim);
  if (!stored && stored.error().kind == db::DbError::Kind::Missing) {
    co_return http::fail(404, "ROOM_NOT_FOUND", "There is no such room.");
  }
  if (!stored) co_return std::unexpected(db::to_api_error(stored.error()));
  if (stored->fate == MessageStore::Fate::RoomIsFull) {
    co_return std::unexpected(over_quota("this room keeps as much as it may", {}));
  }
  co_return Stored{std::move(stored->message), !is_new};
}

net::awaitable<http::Result<MessagePage>> ChatService::history(std::string room_id,
                                                               std::optional<std::string> before,
                                                               int limit) {
  if (limit < 1 || limit > kMessagePageMax) {
    co_return std::unexpected(http::invalid_field("limit", "must be 1 to 100"));
  }
  if (before && !db::is_id(*before)) {
    co_return std::unexpected(http::invalid_field("before", "is no message of this room"));
  }
  // One more than asked for tells whether there is an older page.
  auto messages =
      co_await store_.page(std::move(room_id), std::move(before), limit + 1, kMessagePageOctetsMax);
  if (!messages) co_return std::unexpected(db::to_api_error(messages.error()));
  if (!*messages) {
    co_return std::unexpected(http::invalid_field("before", "is no message of this room"));
  }
  MessagePage page{std::move(**messages), std::nullopt};
  const std::size_t fit = fitting(page.messages, static_cast<std::size_t>(limit));
  const std::size_t cut = page.messages.size() - fit;
  page.messages.erase(page.messages.begin(),
                      page.messages.begin() + static_cast<std::ptrdiff_t>(cut));
  if (cut > 0) page.next_cursor = page.messages.front().id;
  co_return page;
}

net::awaitable<http::Result<bool>> ChatService::remove_expired(std::chrono::days age) {
  const auto removed = co_await store_.remove_older(clock_() - age, kExpiryBatch);
  if (!removed) co_return std::unexpected(db::to_api_error(removed.error()));
  co_return removed->value_or(0) == kExpiryBatch;
}

}  // namespace server::chat
