#include "auth/login_cache.hpp"

namespace server::auth {

LoginCache::LoginCache(AuthStore& store, cluster::Bus& bus, Now now, db::Clock clock)
    : store_(store), now_(std::move(now)), clock_(std::move(clock)) {
  bus.subscribe([this](const cluster::Event& event) {
    if (const auto* renamed = std::get_if<cluster::UserRenamed>(&event)) {
      forget_user(renamed->user_id);
    } else if (const auto* ended = std::get_if<cluster::LoginEnded>(&event)) {
      if (ended->sid) {
        forget_login(*ended->sid);
      } else {
        forget_user(ended->user_id);
      }
    }
  });
}

const std::optional<user::User>* LoginCache::peek(std::string_view user_id, std::string_view sid) {
  const auto known = entries_.find(sid);
  if (known == entries_.end()) return nullptr;
  const Entry& entry = *known->second;
  if (entry.user_id != user_id || now_() - entry.read_at >= kBelieved) return nullptr;
  return &entry.user;
}

net::awaitable<http::Result<std::optional<user::User>>> LoginCache::find(std::string user_id,
                                                                         std::string sid) {
  if (const auto* known = peek(user_id, sid)) co_return *known;
  const std::uint64_t epoch = epoch_;
  auto read = co_await store_.find_login(user_id, sid, clock_());
  if (!read) co_return std::unexpected(db::to_api_error(read.error()));
  if (epoch == epoch_) remember(std::move(user_id), std::move(sid), *read);
  co_return std::move(*read);
}

void LoginCache::remember(std::string user_id, std::string sid, std::optional<user::User> user) {
  erase(sid);
  if (entries_.size() >= kEntriesMax) {
    entries_.erase(order_.back().sid);
    order_.pop_back();
  }
  order_.push_front({std::move(sid), std::move(user_id), std::move(user), now_()});
  entries_.emplace(order_.front().sid, order_.begin());
}

void LoginCache::forget_login(const std::string& sid) {
  ++epoch_;
  erase(sid);
}

void LoginCache::erase(const std::string& sid) {
  const auto known = entries_.find(sid);
  if (known == entries_.end()) return;
  const Order::iterator entry = known->second;
  entries_.erase(known);
  order_.erase(entry);
}

void LoginCache::forget_user(const std::string& user_id) {
  ++epoch_;
  for (auto entry = order_.begin(); entry != order_.end();) {
    if (entry->user_id != user_id) {
      ++entry;
      continue;
    }
    entries_.erase(entry->sid);
    entry = order_.erase(entry);
  }
}

}  // namespace server::auth
