#include "cluster/room_homes.hpp"

#include <utility>

namespace server::cluster {

namespace {

// Keys: the room's home, here and in others. ARGV: this server, how long, what a server's life key
// begins with.
constexpr std::string_view kClaim = R"(
local home = redis.call('GET', KEYS[1])
if home and home ~= ARGV[1] and redis.call('EXISTS', ARGV[3] .. home) == 1 then return home end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
)";

// Keys: the room's home. ARGV: who has it, who gets it, how long.
constexpr std::string_view kTakeOver = R"(
local home = redis.call('GET', KEYS[1])
if home and home ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
)";

std::string key_of(const std::string& room_id) { return "webrtc-chat:home:" + room_id; }

const std::string kLeaseText = std::to_string(
    std::chrono::duration_cast<std::chrono::milliseconds>(RoomHomes::kLease).count());

}  // namespace

net::awaitable<std::optional<NodeId>> RoomHomes::claim(std::string room_id) {
  if (!nodes_.is_connected()) co_return std::nullopt;
  const NodeId self = nodes_.self();
  auto reply = co_await redis_.ask(
      {"EVAL", std::string(kClaim), "1", key_of(room_id), self, kLeaseText, Nodes::life_key("")});
  if (!reply || reply->is_error || reply->text == self) co_return std::nullopt;
  co_return std::move(reply->text);
}

net::awaitable<bool> RoomHomes::take_over(std::string room_id, NodeId from) {
  const NodeId self = nodes_.self();
  const auto reply = co_await redis_.ask(
      {"EVAL", std::string(kTakeOver), "1", key_of(room_id), std::move(from), self, kLeaseText});
  // After a loss of the connection this server is another one.
  co_return reply && reply->integer == 1 && nodes_.is_connected() && nodes_.self() == self;
}

net::awaitable<std::optional<NodeId>> RoomHomes::find(std::string room_id) {
  auto reply = co_await redis_.ask({"GET", key_of(room_id)});
  if (!reply || reply->is_error || reply->text.empty()) co_return std::nullopt;
  co_return std::move(reply->text);
}

}  // namespace server::cluster
