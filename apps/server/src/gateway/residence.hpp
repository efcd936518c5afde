// How a socket that is connected to one server lives in a room at another: what the slices know of
// it moves there and back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <string>

#include "gateway/gateway.hpp"

namespace server::gateway {

// Asked on the control thread, and only where there are several servers.
struct Residence {
  // The room that this event wants to get into; nullopt: it stays where it is.
  std::function<net::awaitable<std::optional<std::string>>(const ClientEvent&)> room_of;
  // Who is behind the socket, for adopt() and returned() at another server.
  std::function<json::value(const SocketId&)> describe;
  // A socket of another server lives here from now on.
  std::function<void(const SocketId&, const json::value& who)> adopt;
  // Its connection was lost and is back. False: by somebody else, who must not have it.
  std::function<net::awaitable<bool>(SocketId, json::value who)> returned;
  // Out of its room or lobby, if it is in one here.
  std::function<void(const SocketId&)> leave;
  // The server that its room lived at is gone.
  std::function<void(const SocketId&)> home_lost;
};

// Which socket a message between servers is about.
inline SocketId socket_of(const json::object& body) {
  return SocketId(body.at("socket").as_string());
}

}  // namespace server::gateway
