#include "http/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace server::http {
namespace {

std::string bucket_name(RateLimit limit, std::string_view key) {
  std::string name(limit.name);
  name += ' ';
  name += key;
  return name;
}

ApiError refusal(double seconds) {
  ApiError refused{429, "RATE_LIMITED", "Too many requests; try again later.", {}, {}};
  refused.retry_after_s = static_cast<unsigned>(std::ceil(seconds));
  return refused;
}

}  // namespace

std::string address_key(const IpAddress& client) {
  return client.network().to_string() + (client.is_v4() ? "" : "/64");
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::string name, int per_minute) {
  if (const auto known = buckets_.find(name); known != buckets_.end()) {
    order_.splice(order_.begin(), order_, known->second);
    return order_.front();
  }
  if (buckets_.size() >= kBucketsMax) {
    buckets_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front({std::move(name), 2.0 * per_minute, now_()});
  buckets_.emplace(order_.front().key, order_.begin());
  return order_.front();
}

Result<void> RateLimiter::take_here(std::string name, int per_minute, double cost) {
  const double per_second = per_minute / 60.0;
  Bucket& bucket = bucket_of(std::move(name), per_minute);
  const Instant now = now_();
  const double passed_s = std::chrono::duration<double>(now - bucket.filled_at).count();
  bucket.filled_at = now;
  bucket.tokens = std::min(2.0 * per_minute, bucket.tokens + passed_s * per_second);
  if (bucket.tokens < 1) {
    ++refused_;
    return std::unexpected(refusal((1 - bucket.tokens) / per_second));
  }
  bucket.tokens -= cost;
  return {};
}

net::awaitable<Result<void>> RateLimiter::take(RateLimit limit, std::string key) {
  if (!on_) co_return Result<void>{};
  std::string name = bucket_name(limit, key);
  if (shared_) {
    if (const auto wait = co_await shared_(name, limit.per_minute)) {
      if (*wait == Duration::zero()) co_return Result<void>{};
      ++refused_;
      co_return std::unexpected(refusal(std::chrono::duration<double>(*wait).count()));
    }
  }
  co_return take_here(std::move(name), limit.per_minute);
}

net::awaitable<Result<void>> RateLimiter::take(RateLimit limit, IpAddress client) {
  return take(limit, address_key(client));
}

Result<void> RateLimiter::take_own(RateLimit limit, IpAddress client) {
  if (!on_) return {};
  return take_here(bucket_name(limit, address_key(client)), limit.per_minute);
}

Result<void> RateLimiter::look(RateLimit limit, IpAddress client) {
  if (!on_) return {};
  return take_here(bucket_name(limit, address_key(client)), limit.per_minute, 0);
}

}  // namespace server::http
