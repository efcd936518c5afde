// Makes a Server one of the Socket.IO servers that meet by Redis: what those with the
// @socket.io/redis-adapter of Node and programs with the @socket.io/redis-emitter tell it is done,
// and answered. It tells and asks them nothing by itself.
//
// Messages of Redis go in, what to publish there comes out: poll_publication() after every call.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sio/adapter_message.hpp"
#include "sio/server.hpp"

namespace sio {

struct Publication {
  std::string channel;
  std::string message;
};

class RedisAdapter {
 public:
  static constexpr std::size_t kRoundsMax = 1000;  // broadcasts whose acknowledgements are awaited

  // What the other servers may know of a socket.
  using Describe = std::function<boost::json::object(const SocketId&)>;

  // For one namespace of `server`, which outlives this. `uid` is what no other server is called.
  RedisAdapter(Server& server, std::string nsp, std::string uid, Describe describe);

  // What to listen at, each of it once: the others count the listeners.
  const std::string& pattern() const { return pattern_; }
  std::vector<std::string> channels() const;

  // A message that came by one of them.
  std::expected<void, AdapterError> receive(Instant now, std::string_view channel,
                                            std::string_view message);
  // All of the server's; those of others are passed over.
  void on(const AckReceived& ack);
  void on(const AckMissed& ack);

  std::optional<Publication> poll_publication();

 private:
  struct Round {
    std::string request;
    std::size_t missing = 0;
  };
  using Done = std::expected<void, AdapterError>;

  Done on_broadcast(Instant now, std::string_view room, std::string_view message);
  Done on_request(Instant now, std::string_view message);
  // One a type of request; `id` is empty where nobody awaits an answer.
  Done carry_out(Instant, const std::string&, const adapter::Ignored&) { return {}; }
  Done carry_out(Instant now, const std::string& id, const adapter::ListSockets& asked);
  Done carry_out(Instant now, const std::string& id, const adapter::ListRooms& asked);
  Done carry_out(Instant now, const std::string& id, const adapter::Join& asked);
  Done carry_out(Instant now, const std::string& id, const adapter::Leave& asked);
  Done carry_out(Instant now, const std::string& id, const adapter::Disconnect& asked);
  Done carry_out(Instant now, const std::string& id, const adapter::Fetch& asked);
  Done carry_out(Instant now, const std::string& id, const adapter::ServerSideEmit& asked);
  Done carry_out(Instant now, const std::string& id, const adapter::BroadcastWithAck& asked);

  std::vector<SocketId> select(const adapter::Whom& whom);
  std::vector<SocketId> connected(const adapter::Whom& whom);
  void answer(const std::string& id, std::string message);
  void answer_done(const std::string& id, const std::vector<SocketId>& sockets);
  void take_from_round(AckId id);

  Server& server_;
  const std::string nsp_;
  const std::string uid_;
  const Describe describe_;
  const std::string broadcasts_;  // what their channels begin with
  const std::string pattern_;
  const std::string requests_;
  const std::string responses_;
  std::unordered_map<AckId, Round> rounds_;
  std::deque<Publication> publications_;
};

}  // namespace sio
