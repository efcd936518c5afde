#include "cluster/shared_rates.hpp"

#include <utility>

#include "telemetry/log.hpp"

namespace server::cluster {

namespace {

// The generic cell rate algorithm (ITU-T I.371): one number a key, the time in µs at which the
// bucket is full again. It forgets itself then.
constexpr std::string_view kTake = R"(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each = 60000000 / ARGV[1]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + each
local wait = full - now - 2 * 60000000
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0
)";

}  // namespace

net::awaitable<std::optional<Duration>> SharedRates::take(std::string key, int per_minute) {
  const auto reply =
      co_await redis_.ask({"EVAL", std::string(kTake), "1", "webrtc-chat:rate:" + std::move(key),
                           std::to_string(per_minute)});
  if (!reply) co_return std::nullopt;
  if (reply->is_error && !std::exchange(is_refused_, true)) {
    log::warn("Redis counts no rate limits", {{"reason", reply->text}});
  }
  if (reply->is_error) co_return std::nullopt;
  is_refused_ = false;
  co_return std::chrono::microseconds(reply->integer);
}

}  // namespace server::cluster
