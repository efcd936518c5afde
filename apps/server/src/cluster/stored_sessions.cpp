#include "cluster/stored_sessions.hpp"

#include <utility>

namespace server::cluster {

namespace {

std::string key_of(const std::string& pid) { return "webrtc-chat:session:" + pid; }

const std::string kLastsText = std::to_string(
    std::chrono::duration_cast<std::chrono::milliseconds>(StoredSessions::kLasts).count());

}  // namespace

net::awaitable<void> StoredSessions::store(std::string pid, std::string session) {
  const std::string key = key_of(pid);
  std::vector<std::string> words{"SET", key, seal_.close(key, session), "PX", kLastsText};
  co_await redis_.ask(std::move(words));
}

net::awaitable<std::optional<std::string>> StoredSessions::take(std::string pid) {
  const std::string key = key_of(pid);
  const auto reply = co_await redis_.ask({"GETDEL", key});
  if (!reply || reply->is_error) co_return std::nullopt;
  const auto session = seal_.open(key, reply->text);
  co_return session ? std::optional<std::string>(*session) : std::nullopt;
}

}  // namespace server::cluster
