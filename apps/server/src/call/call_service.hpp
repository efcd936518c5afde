// Who comes into a call, who is away, and who goes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "base/endpoint.hpp"
#include "call/calls.hpp"
#include "call/entry.hpp"
#include "chat/chat_service.hpp"
#include "cluster/bus.hpp"
#include "room/room_service.hpp"
#include "sfu/sfu_service.hpp"
#include "user/user_service.hpp"

namespace server::call {

namespace net = boost::asio;

// Control thread only. Errors are ApiErrors with the codes of docs/protocol/signalling.md.
class CallService {
 public:
  // How often an address may ask for rooms that are not there: the limit is that of REST.
  struct Misses {
    std::function<http::Result<void>(const IpAddress& client)> may_ask;
    std::function<void(const IpAddress& client)> count;
  };
  struct Parts {  // all outlive the service
    Audience& audience;
    Calls& calls;
    room::RoomService& rooms;
    user::UserService& users;
    chat::ChatService& chat;
    const sfu::SfuService& sfu;
    Misses misses;
    std::function<Instant()> now;
  };
  explicit CallService(Parts parts) : parts_(std::move(parts)) {}

  // A lost connection may come back: nobody learns of it for kAwayUnnoticed.
  void away(const PeerId& peer);
  // It came back: as if nothing had happened, or into its room again. False when it is not the
  // one that left, and must not take up the session.
  net::awaitable<bool> returned(PeerId peer, std::optional<Identity> who);

  // RoomJoined, or LobbyWaiting. Errors: UNAUTHORIZED, NOT_IN_ROOM (the connection went elsewhere
  // meanwhile), UNAVAILABLE, RATE_LIMITED, and those of may_enter().
  net::awaitable<http::Result<Reply>> join(PeerId peer, std::string room_code);
  // Error: RATE_LIMITED, once the peer's address has asked for too many rooms that are not there.
  // It is asked before a code is looked up, or the hits among guesses would tell themselves.
  http::Result<void> may_look_up(const PeerId& peer);
  // Out of the room or the lobby. Errors: UNAUTHORIZED, NOT_IN_ROOM.
  http::Result<Reply> leave(const PeerId& peer);
  // From the lobby into the room; who waits is told the outcome. By the host's word (Admission) it
  // lifts a removal.
  net::awaitable<void> admit(std::shared_ptr<CallRoom> room, PeerId peer, WayIn way);
  // Ends somebody's waiting at that room's door with this error.
  void turn_away(const std::string& room_id, const PeerId& peer, http::ApiError why);

  // News of the other slices.
  void on(const cluster::LoginEnded& news);
  void on(const cluster::UserRenamed& news);
  void on(const cluster::RoomDeleted& news);
  // The room was changed here: what is live follows at once, before anyone hears of it.
  void learn(const room::Room& info);
  // Reads a room again, tells everyone in it, and lets in who waits when the lobby is off.
  net::awaitable<void> refresh(std::string room_id);

  // The room lives at another server: who is in it, or waits, comes back there, and nothing of it
  // is kept here.
  void move_out(CallRoom& room);
  // A room that comes from another server without the `absent`; who got into it here before it came
  // comes back into it.
  void take_in(const room::Room& info, RoomState state, const std::set<PeerId>& absent);

  // Time passes: call a few times a second.
  void tick();

 private:
  void count_miss(const PeerId& peer);
  std::optional<IpAddress> address_of(const PeerId& peer) const;
  bool is_at(const PeerId& peer, Place place, const std::string& room_id);
  // may_enter() for a connection that is still where that way begins.
  http::Result<Entry> ask(const CallRoom& room, const PeerId& peer, WayIn way);
  http::Result<Reply> at_the_door(CallRoom& room, const PeerId& peer, WayIn way,
                                  const http::Result<Entry>& entry);
  net::awaitable<http::Result<Reply>> enter(std::shared_ptr<CallRoom> room, PeerId peer, WayIn way);
  net::awaitable<http::Result<std::string>> name_of(Identity who);
  RoomJoined let_in(CallRoom& room, const PeerId& peer, std::string username,
                    chat::MessagePage page);
  void give_up_return(const std::string& room_id, const PeerId& peer, const http::ApiError& why);

  Parts parts_;
};

}  // namespace server::call
