// What one part of the server must tell the others, here and (with Redis) on the other nodes.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace server::cluster {

// Logins that are over: their sockets are closed and their access tokens refused.
struct LoginEnded {
  std::string user_id;
  std::optional<std::string> sid;         // this login alone; nullopt: all of the user's …
  std::optional<std::string> except_sid;  // … but this one
};
struct UserRenamed {
  std::string user_id;
  std::string username;
};
// Name, settings or host of the room changed; the room is read again by who needs it.
struct RoomChanged {
  std::string room_id;
};
struct RoomDeleted {
  std::string room_id;
};

using Event = std::variant<LoginEnded, UserRenamed, RoomChanged, RoomDeleted>;

// Delivers on the control thread, in the order of publishing, before publish() returns. Publish
// from the control thread alone.
class Bus {
 public:
  using Listener = std::function<void(const Event&)>;

  // For the life of the bus: the parts subscribe once, when `app` builds them.
  void subscribe(Listener listener) { listeners_.push_back(std::move(listener)); }
  void publish(const Event& event) {
    for (const Listener& listener : listeners_) listener(event);
  }

 private:
  std::vector<Listener> listeners_;
};

}  // namespace server::cluster
