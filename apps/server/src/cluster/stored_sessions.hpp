// Sessions on their way from one server to another, in Redis.
#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "cluster/redis.hpp"
#include "cluster/seal.hpp"

namespace server::cluster {

// Control thread only. `pid` is the client's secret: Redis has it, no log does.
class StoredSessions {
 public:
  static constexpr Duration kLasts = std::chrono::minutes{2};  // contract: recovery

  // Both outlive it.
  StoredSessions(Redis& redis, const Seal& seal) : redis_(redis), seal_(seal) {}

  net::awaitable<void> store(std::string pid, std::string session);
  // To one alone; nullopt: there is none (any more) that a server of ours stored, or Redis is away.
  net::awaitable<std::optional<std::string>> take(std::string pid);

 private:
  Redis& redis_;
  const Seal& seal_;
};

}  // namespace server::cluster
