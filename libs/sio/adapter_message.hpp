// What servers with @socket.io/redis-adapter, and programs with @socket.io/redis-emitter, tell the
// servers of a namespace by Redis; and what those answer.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "sio/packet.hpp"

namespace sio {

inline constexpr std::size_t kAdapterMessageMax = 1'000'000;  // octets, as of a client's payload
inline constexpr std::size_t kAdapterJoinsMax = 64;           // rooms to join or leave at once
inline constexpr Duration kAdapterTimeoutMax = std::chrono::minutes{5};

enum class AdapterError : std::uint8_t {
  Malformed,  // neither JSON nor MessagePack, or not of the shape
  TooLarge,
  Busy,  // as many acknowledgements are awaited as may be
};

namespace adapter {

// Rooms and the ids of sockets, which are rooms too.
struct Whom {
  std::vector<std::string> rooms;  // empty: all
  std::vector<std::string> except;
};

struct Broadcast {
  std::string uid;  // of the server that says it; empty: it does not tell
  std::string nsp;
  Whom whom;
  std::string event;
  Payload payload;
  bool is_volatile = false;
  bool is_local = false;  // for the sockets of that server alone
};

struct Ignored {};  // of a type that nobody answers
struct ListSockets {
  std::vector<std::string> rooms;
};
struct ListRooms {};
struct Join {
  Whom whom;
  std::vector<std::string> rooms;
};
struct Leave {
  Whom whom;
  std::vector<std::string> rooms;
};
struct Disconnect {
  Whom whom;
  bool closes_connection = false;
};
struct Fetch {
  Whom whom;
};
struct ServerSideEmit {};
struct BroadcastWithAck {
  Broadcast broadcast;
  Duration timeout{0};
};

struct Request {
  std::string uid;  // as above
  std::string id;   // empty: no answer is awaited
  std::variant<Ignored, ListSockets, ListRooms, Join, Leave, Disconnect, Fetch, ServerSideEmit,
               BroadcastWithAck>
      what;
};

struct SocketDetails {
  std::string id;
  std::vector<std::string> rooms;
  boost::json::object data;
};

std::expected<Broadcast, AdapterError> decode_broadcast(std::string_view message);
std::expected<Request, AdapterError> decode_request(std::string_view message);

std::string encode_sockets(const std::string& id, const std::vector<std::string>& sockets);
std::string encode_rooms(const std::string& id, const std::vector<std::string>& rooms);
// Of an old JOIN, LEAVE or DISCONNECT.
std::string encode_done(const std::string& id);
// Nothing of a handshake goes out: it has cookies and tokens.
std::string encode_details(const std::string& id, const std::vector<SocketDetails>& sockets);
std::string encode_server_side_ack(const std::string& id);
std::string encode_client_count(const std::string& id, std::size_t count);
// The first argument is all that counts.
std::string encode_client_ack(const std::string& id, const Payload& payload);

}  // namespace adapter

}  // namespace sio
