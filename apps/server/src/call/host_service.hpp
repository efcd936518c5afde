// What a host may do to others.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "call/call_service.hpp"
#include "call/client_events.hpp"
#include "call/media_service.hpp"

namespace server::call {

// Control thread only. While no connection of the host is in the room, the first with an account
// may mute, remove, admit and deny; handing over, ending and the mode stay the host's own
// (FORBIDDEN).
class HostService {
 public:
  struct Parts {  // all outlive the service
    Audience& audience;
    Calls& calls;
    CallService& call;
    room::RoomService& rooms;
    MediaService& media;
  };
  explicit HostService(Parts parts) : parts_(parts) {}

  http::Result<Reply> mute(const PeerId& host, const MutePeer& event);
  // All connections of that person, those too that are lost and may come back: they must be
  // admitted to come in again, and an account may not read the room's history until then.
  // UNAVAILABLE: they are out, but the database did not take note of it.
  net::awaitable<http::Result<Reply>> remove(PeerId host, RemovePeer event);
  net::awaitable<http::Result<Reply>> admit(PeerId host, AdmitPeer event);
  http::Result<Reply> deny(const PeerId& host, const DenyPeer& event, Instant now);
  net::awaitable<http::Result<Reply>> transfer(PeerId host, TransferHost event);
  http::Result<Reply> end(const PeerId& host);
  http::Result<Reply> choose_mode(const PeerId& host, const ChooseMode& event);

 private:
  Parts parts_;
};

}  // namespace server::call
