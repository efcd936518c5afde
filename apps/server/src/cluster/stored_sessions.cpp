#include "cluster/stored_sessions.hpp"

#include <utility>

namespace server::cluster {

namespace {

std::string key_of(const std::string& pid) { return "webrtc-chat:session:" + pid; }

const std::string kLastsText = std::to_string(
    std::chrono::duration_cast<std::chrono::milliseconds>(StoredSessions::kLasts).count());

}  // namespace

net::awaitable<void> StoredSessions::store(std::string pid, std::string session) {
  co_await redis_.ask({"SET", key_of(pid), std::move(session), "PX", kLastsText});
}

net::awaitable<std::optional<std::string>> StoredSessions::take(std::string pid) {
  auto reply = co_await redis_.ask({"GETDEL", key_of(pid)});
  if (!reply || reply->is_error || reply->text.empty()) co_return std::nullopt;
  co_return std::move(reply->text);
}

}  // namespace server::cluster
