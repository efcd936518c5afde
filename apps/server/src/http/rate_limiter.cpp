#include "http/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace server::http {
namespace {

// One IPv6 customer has a /64 at least (RFC 6177), so its low half tells nobody apart.
std::string address_key(const IpAddress& client) {
  if (client.is_v4()) return client.to_string();
  IpAddress network = client;
  std::fill(network.octets.begin() + 8, network.octets.end(), std::uint8_t{0});
  return network.to_string() + "/64";
}

}  // namespace

RateLimiter::Bucket& RateLimiter::bucket_of(const RateLimit& limit, std::string_view key) {
  std::string name(limit.name);
  name += ' ';
  name += key;
  if (const auto known = buckets_.find(name); known != buckets_.end()) {
    order_.splice(order_.begin(), order_, known->second);
    return order_.front();
  }
  if (buckets_.size() >= kBucketsMax) {
    buckets_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front({std::move(name), 2.0 * limit.per_minute, now_()});
  buckets_.emplace(order_.front().key, order_.begin());
  return order_.front();
}

Result<void> RateLimiter::take(const RateLimit& limit, std::string_view key) {
  if (!on_) return {};
  const double per_second = limit.per_minute / 60.0;
  Bucket& bucket = bucket_of(limit, key);
  const Instant now = now_();
  const double passed_s = std::chrono::duration<double>(now - bucket.filled_at).count();
  bucket.filled_at = now;
  bucket.tokens = std::min(2.0 * limit.per_minute, bucket.tokens + passed_s * per_second);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return {};
  }
  ApiError refused{429, "RATE_LIMITED", "Too many requests; try again later.", {}, {}};
  refused.retry_after_s = static_cast<unsigned>(std::ceil((1 - bucket.tokens) / per_second));
  return std::unexpected(refused);
}

Result<void> RateLimiter::take(const RateLimit& limit, const IpAddress& client) {
  return take(limit, address_key(client));
}

}  // namespace server::http
