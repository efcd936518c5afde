// How much may be stored in chats: by one author, in one room, and in a room in all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "chat/message.hpp"
#include "db/timestamp.hpp"

namespace server::chat {

// Octets that a message takes up besides its content: the row and its indexes. The migration
// 0008_room_chat counts the same.
inline constexpr std::int64_t kMessageOverhead = 256;

// What a message counts for, in octets.
inline std::int64_t cost_of(const Message& message) {
  return static_cast<std::int64_t>(message.content.size()) + kMessageOverhead;
}

// Figures: people write some 50 octets a message. One of them has 3400 such messages an hour, a
// room 27 000 a day and 880 000 in all; or 60 pages of 16 000 octets an hour. A flood from one
// address stores 25 MB a day, in one room 17 MB on the first day, and never more than room_octets.
struct ChatLimits {
  std::int64_t author_octets_per_hour = 1 << 20;
  std::int64_t room_octets_per_day = 8 << 20;
  std::int64_t room_octets = 256 << 20;
  bool has_rates = true;  // false: room_octets alone (RATE_LIMIT=off)
};

// Buckets that leak: so much at once, and so much again in the course of `span`.
class OctetQuota {
 public:
  // Buckets kept at most; beyond it the one unused for longest is forgotten, which favours a flood
  // of ever new keys over running out of memory.
  static constexpr std::size_t kBucketsMax = 50'000;

  OctetQuota(std::int64_t octets, std::chrono::milliseconds span) : octets_(octets), span_(span) {}

  // How long until `octets` more are allowed; zero: now. Changes nothing.
  std::chrono::milliseconds wait_for(std::string_view key, std::int64_t octets,
                                     db::Timestamp now) const;
  void take(std::string_view key, std::int64_t octets, db::Timestamp now);
  // They were not stored after all.
  void give_back(std::string_view key, std::int64_t octets);

  std::size_t bucket_count() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    double used = 0;
    db::Timestamp at;
  };
  using Order = std::list<Bucket>;  // the latest used first

  double leaked(db::Timestamp from, db::Timestamp to) const;

  std::int64_t octets_;
  std::chrono::milliseconds span_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> buckets_;  // views into the list's keys
};

// Whose quota a message counts for: the account's; of guests the address's, of IPv6 the /64's,
// since a guest is somebody new with each connection.
std::string quota_key(const Author& author);

}  // namespace server::chat
