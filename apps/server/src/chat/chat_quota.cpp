#include "chat/chat_quota.hpp"

#include <algorithm>
#include <cmath>

#include "base/endpoint.hpp"

namespace server::chat {

double OctetQuota::leaked(db::Timestamp from, db::Timestamp to) const {
  const auto passed = std::max(to - from, std::chrono::milliseconds(0));  // clocks are set back
  return static_cast<double>(octets_) * static_cast<double>(passed.count()) /
         static_cast<double>(span_.count());
}

std::chrono::milliseconds OctetQuota::wait_for(std::string_view key, std::int64_t octets,
                                               db::Timestamp now) const {
  const auto found = buckets_.find(key);
  if (found == buckets_.end()) return std::chrono::milliseconds(0);
  const Bucket& bucket = *found->second;
  const double used = std::max(0.0, bucket.used - leaked(bucket.at, now));
  const double excess = used + static_cast<double>(octets) - static_cast<double>(octets_);
  if (excess <= 0) return std::chrono::milliseconds(0);
  const double share = excess / static_cast<double>(octets_);
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(std::ceil(share * static_cast<double>(span_.count()))));
}

void OctetQuota::take(std::string_view key, std::int64_t octets, db::Timestamp now) {
  if (const auto known = buckets_.find(key); known != buckets_.end()) {
    order_.splice(order_.begin(), order_, known->second);
  } else {
    if (buckets_.size() >= kBucketsMax) {
      buckets_.erase(order_.back().key);
      order_.pop_back();
    }
    order_.push_front({std::string(key), 0, now});
    buckets_.emplace(order_.front().key, order_.begin());
  }
  Bucket& bucket = order_.front();
  bucket.used = std::max(0.0, bucket.used - leaked(bucket.at, now)) + static_cast<double>(octets);
  bucket.at = std::max(bucket.at, now);
}

void OctetQuota::give_back(std::string_view key, std::int64_t octets) {
  const auto found = buckets_.find(key);
  if (found == buckets_.end()) return;
  found->second->used = std::max(0.0, found->second->used - static_cast<double>(octets));
}

std::string quota_key(const Author& author) {
  if (author.user_id) return "user " + *author.user_id;
  auto address = IpAddress::parse(author.address);
  if (address && !address->is_v4()) {
    // One IPv6 customer has a /64 at least (RFC 6177).
    std::fill(address->octets.begin() + 8, address->octets.end(), std::uint8_t{0});
  }
  return "guest " + (address ? address->to_string() : author.address);
}

}  // namespace server::chat
