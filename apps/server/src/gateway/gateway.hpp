// The second door: Socket.IO connections as the slices see them. The wire is libs/sio's business,
// sockets are this folder's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "sio/server.hpp"

namespace server::gateway {

namespace net = boost::asio;
namespace json = boost::json;

using SocketId = std::string;  // the Socket.IO id: public, equals the contract's peerId

// What is known of a connection when it (or its recovery) asks to come in.
struct Handshake {
  http::Request request;  // the Engine.IO handshake: cookies, address, User-Agent
  json::object auth;      // payload of the Socket.IO CONNECT without `pid` and `offset`
};

// Why a connection ended. `recoverable` reasons keep the session for 2 minutes.
struct Disconnect {
  std::string_view reason;  // "transport close", "client namespace disconnect", …
  bool recoverable = false;
};

using AckId = std::uint64_t;

// One event of a client, arguments as they came.
struct ClientEvent {
  SocketId socket;
  std::string name;
  json::array args;
  std::optional<AckId> ack;
};

// Refusal of a CONNECT: the client gets connect_error with this message and data.
struct ConnectRefused {
  std::string message;
  json::object data;
};

// What the gateway asks and tells. All run on the control thread.
struct Handlers {
  // A new connection asks to come in. Others events of the socket wait until it is answered.
  std::function<net::awaitable<std::expected<void, ConnectRefused>>(SocketId, const Handshake&)>
      on_connect;
  // A lost connection is back within the recovery time: missed packets have been queued before
  // whatever is emitted from here on. A refusal makes the client connect anew.
  std::function<net::awaitable<std::expected<void, ConnectRefused>>(SocketId, const Handshake&)>
      on_recover;
  // A client asks for a session that is not known here, by its secret; it may be elsewhere. Only
  // where there is an elsewhere. What is found ends in on_recover or on_expired.
  std::function<net::awaitable<std::optional<sio::SavedSession>>(std::string pid)> on_search;
  // One event at a time a socket, in the order they came: the next waits until this is done.
  std::function<net::awaitable<void>(ClientEvent)> on_event;
  std::function<void(const SocketId&, const Disconnect&)> on_disconnect;
  // A recoverable session was not taken up again in time and is gone for good.
  std::function<void(const SocketId&)> on_expired;
};

// The emitting side. Control thread only. Ids that do not exist (any more) are ignored; emits to
// a socket that is away but recoverable are kept for it.
class Gateway {
 public:
  virtual ~Gateway() = default;

  virtual void emit(const SocketId& to, std::string_view event, const json::value& payload) = 0;
  virtual void acknowledge(const SocketId& to, AckId ack, const json::value& payload) = 0;
  // To all members of a room but `except`. Encoded once for all.
  virtual void broadcast(std::string_view room, std::string_view event, const json::value& payload,
                         std::span<const SocketId> except = {}) = 0;
  // The same, of no use later: not kept for who is away.
  virtual void broadcast_fleeting(std::string_view room, std::string_view event,
                                  const json::value& payload) = 0;
  virtual void join(const SocketId& socket, std::string_view room) = 0;
  virtual void leave(const SocketId& socket, std::string_view room) = 0;
  // Closes for good: not recoverable ("server namespace disconnect" for the client).
  virtual void disconnect(const SocketId& socket) = 0;
  // As if the connection were lost for good: the client comes back by itself, as a new one.
  virtual void drop(const SocketId& socket) = 0;
};

}  // namespace server::gateway
