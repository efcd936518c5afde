// How a socket that is connected to one server lives in a room at another: what the slices know of
// it moves there and back, and a room's whole state from one home to the next.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "gateway/gateway.hpp"

namespace server::gateway {

struct SavedRoom {
  std::string state;  // a document that read_room() reads at another server
  std::vector<SocketId> people;
};
struct ArrivingRoom {
  std::string id;
  std::vector<SocketId> people;
  // It lives here from now on, with all of them but the `absent`, who have left on its way.
  std::function<void(const std::set<SocketId>& absent)> open;
};

// Asked on the control thread, and only where there are several servers.
struct Residence {
  // The room that this event wants to get into; nullopt: it stays where it is.
  std::function<net::awaitable<std::optional<std::string>>(const ClientEvent&)> room_of;
  // What an event is refused with, `{"code","message"}`, before it goes to another server; nullopt:
  // its form is good.
  std::function<std::optional<json::object>(const ClientEvent&)> refuse;
  // Who is behind the socket, for adopt() and returned() at another server.
  std::function<json::value(const SocketId&)> describe;
  // A socket of another server lives here from now on.
  std::function<void(const SocketId&, const json::value& who)> adopt;
  // Its connection was lost and is back. False: by somebody else, who must not have it.
  std::function<net::awaitable<bool>(SocketId, json::value who)> returned;
  // Since when its connection is lost, if it is.
  std::function<std::optional<Instant>(const SocketId&)> away_since;
  // Out of its room or lobby, if it is in one here.
  std::function<void(const SocketId&)> leave;
  // The server that its room lived at is gone.
  std::function<void(const SocketId&)> home_lost;

  // Rooms that live here, those with nobody but somebody who may come back among them.
  std::function<std::vector<std::string>()> rooms;
  // Whether anything of it is known here.
  std::function<bool(const std::string& room)> has_room;
  // Whether it has media at this server, which cannot move along.
  std::function<bool(const std::string& room)> has_media;
  // The media in it ends with this.
  std::function<SavedRoom(const std::string& room)> save_room;
  // It lives at another server now. Nobody is told.
  std::function<void(const std::string& room)> forget_room;
  // nullopt: it is none, or cannot be opened here.
  std::function<net::awaitable<std::optional<ArrivingRoom>>(std::string state)> read_room;
  // News of a room on its way may have been missed.
  std::function<net::awaitable<void>(std::string room)> refresh_room;
};

// Which socket a message between servers is about.
inline SocketId socket_of(const json::object& body) {
  return SocketId(body.at("socket").as_string());
}

// The answer to what is asked of a socket or room that has left with its room: whoever asks looks
// again where that lives.
inline constexpr std::string_view kMoved = "moved";
inline bool has_moved(const json::value& answer) {
  return answer.is_string() && answer.get_string() == kMoved;
}

}  // namespace server::gateway
