// Sessions on their way from one server to another, in Redis.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "cluster/redis.hpp"

namespace server::cluster {

// Control thread only. `pid` is the client's secret: Redis has it, no log does.
class StoredSessions {
 public:
  static constexpr Duration kLasts = std::chrono::minutes{2};  // contract: recovery

  // `redis` outlives it.
  explicit StoredSessions(Redis& redis) : redis_(redis) {}

  net::awaitable<void> store(std::string pid, std::string session);
  // To one alone; nullopt: there is none (any more), or Redis is away.
  net::awaitable<std::optional<std::string>> take(std::string pid);

 private:
  Redis& redis_;
};

}  // namespace server::cluster
