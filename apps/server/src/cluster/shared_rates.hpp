// How often an address or an account may do what costs us, counted in Redis for several servers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "cluster/redis.hpp"

namespace server::cluster {

class SharedRates {
 public:
  // `redis` outlives it.
  explicit SharedRates(Redis& redis) : redis_(redis) {}

  // Takes one from the bucket of `key`, which holds twice `per_minute` and is filled at that rate
  // by Redis's clock. How long to wait for the next one: zero when one was taken. nullopt: Redis is
  // away.
  net::awaitable<std::optional<Duration>> take(std::string key, int per_minute);

 private:
  Redis& redis_;
  bool is_refused_ = false;  // and that has been said
};

}  // namespace server::cluster
