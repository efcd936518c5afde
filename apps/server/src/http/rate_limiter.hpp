// Token buckets by name and key: how often one address or account may do what costs us.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
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

namespace net = boost::asio;

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
// Of all routes together: they come before the database, and nobody may fill its queue alone.
inline constexpr RateLimit kRequestPerAddress{"request/address", 600};
// Names in a path that lead to nothing: room codes and user ids cannot be guessed through.
inline constexpr RateLimit kMissPerAddress{"miss/address", 30};

// By what clients are told apart: an address, of IPv6 the /64.
std::string address_key(const IpAddress& client);

// Control thread only.
class RateLimiter {
 public:
  // Buckets kept at most; beyond it the one unused for longest is forgotten, which favours a
  // flood of ever new addresses over running out of memory.
  static constexpr std::size_t kBucketsMax = 100'000;

  using Now = std::function<Instant()>;
  // Takes one from a bucket that several servers share. How long to wait for the next one: zero
  // when one was taken. nullopt: it cannot be said now.
  using Shared =
      std::function<net::awaitable<std::optional<Duration>>(std::string key, int per_minute)>;
  // `on` false lets everything through (RATE_LIMIT=off).
  RateLimiter(bool on, Now now, Shared shared = {})
      : on_(on), now_(std::move(now)), shared_(std::move(shared)) {}

  // Takes one from the bucket of that limit and key: the shared one, or where there is none, or it
  // cannot be had, this server's own. Error: 429 RATE_LIMITED with Retry-After.
  net::awaitable<Result<void>> take(RateLimit limit, std::string key);
  net::awaitable<Result<void>> take(RateLimit limit, IpAddress client);

  // As take(), from this server's own bucket whether there is a shared one or not: for what costs
  // this server alone, too often to ask another about.
  Result<void> take_own(RateLimit limit, IpAddress client);
  // What take_own() would answer, and nothing is taken.
  Result<void> look(RateLimit limit, IpAddress client);

  std::size_t bucket_count() const { return buckets_.size(); }
  std::uint64_t refused() const { return refused_; }  // by any limit, for /metrics

 private:
  struct Bucket {
    std::string key;
    double tokens = 0;
    Instant filled_at;
  };
  using Order = std::list<Bucket>;  // the latest used first

  // `cost` 0 only looks.
  Result<void> take_here(std::string name, int per_minute, double cost = 1);
  Bucket& bucket_of(std::string name, int per_minute);

  bool on_;
  Now now_;
  Shared shared_;
  std::uint64_t refused_ = 0;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> buckets_;  // views into the list's keys
};

}  // namespace server::http
