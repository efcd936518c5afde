// What the people of a room send each other: states, descriptions and candidates, chat.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "call/calls.hpp"
#include "call/client_events.hpp"
#include "chat/chat_service.hpp"

namespace server::call {

namespace net = boost::asio;

// Control thread only. Everything here needs a place in a room (UNAUTHORIZED, NOT_IN_ROOM), and
// reaches that room alone (PEER_NOT_FOUND).
class PeerService {
 public:
  struct Parts {  // all outlive the service
    Audience& audience;
    Calls& calls;
    chat::ChatService& chat;
  };
  explicit PeerService(Parts parts) : parts_(parts) {}

  http::Result<Reply> update(const PeerId& peer, const UpdatePeer& event);
  http::Result<Reply> react(const PeerId& peer, const React& event);
  http::Result<Reply> typing(const PeerId& peer, const Typing& event);
  http::Result<Reply> show_path(const PeerId& peer, const ShowPath& event);
  // Peer to peer does not reach another member: the room moves to the SFU.
  http::Result<Reply> request_sfu(const PeerId& peer, const RequestSfu& event);
  // To one peer: an offer, an answer or a candidate.
  http::Result<Reply> relay(const PeerId& peer, Relayed message);

  // Stored, then sent to everyone in the room, in the same order for all. Errors further:
  // VALIDATION_ERROR, UNAVAILABLE.
  net::awaitable<http::Result<Reply>> send_chat(PeerId peer, SendChat event);
  net::awaitable<http::Result<Reply>> read_history(PeerId peer, ReadHistory event);

 private:
  bool is_inside(const PeerId& peer, const CallRoom& room);

  Parts parts_;
};

}  // namespace server::call
