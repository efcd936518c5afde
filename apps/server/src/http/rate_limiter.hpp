// Token buckets by name and key: how often one address or account may do what costs us.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/endpoint.hpp"
#include "base/time.hpp"
#include "http/api_error.hpp"

namespace server::http {

// So many a minute on average, at once up to twice that.
struct RateLimit {
  std::string_view name;  // a literal, part of the key
  int per_minute = 60;
};

// The contract's limits (docs/protocol/rest.md).
inline constexpr RateLimit kRegisterPerAddress{"register/address", 10};
inline constexpr RateLimit kLoginPerAddress{"login/address", 30};
inline constexpr RateLimit kLoginPerAccount{"login/account", 10};
inline constexpr RateLimit kRefreshPerAddress{"refresh/address", 60};
inline constexpr RateLimit kRoomCreationPerAddress{"room/address", 20};
inline constexpr RateLimit kRoomCreationPerAccount{"room/account", 20};
inline constexpr RateLimit kSocketPerAddress{"socket/address", 60};

// Control thread only.
class RateLimiter {
 public:
  // Buckets kept at most; beyond it the one unused for longest is forgotten, which favours a
  // flood of ever new addresses over running out of memory.
  static constexpr std::size_t kBucketsMax = 100'000;

  using Now = std::function<Instant()>;
  // `on` false lets everything through (RATE_LIMIT=off).
  RateLimiter(bool on, Now now) : on_(on), now_(std::move(now)) {}

  // Takes one from the bucket of that limit and key. Error: 429 RATE_LIMITED with Retry-After.
  Result<void> take(const RateLimit& limit, std::string_view key);
  Result<void> take(const RateLimit& limit, const IpAddress& client);

  std::size_t bucket_count() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    double tokens = 0;
    Instant filled_at;
  };
  using Order = std::list<Bucket>;  // the latest used first

  Bucket& bucket_of(const RateLimit& limit, std::string_view key);

  bool on_;
  Now now_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> buckets_;  // views into the list's keys
};

}  // namespace server::http
