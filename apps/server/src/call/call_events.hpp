// The call at the Socket.IO door: decode, ask, encode.
#pragma once

#include <functional>
#include <memory>

#include "auth/auth_service.hpp"
#include "base/random.hpp"
#include "call/call_service.hpp"
#include "call/host_service.hpp"
#include "call/ice_servers.hpp"
#include "call/media_service.hpp"
#include "call/peer_service.hpp"
#include "gateway/gateway.hpp"

namespace server::call {

// Notices on their way to sockets.
class GatewayAudience final : public Audience {
 public:
  explicit GatewayAudience(const IceServers& ice) : ice_(ice) {}
  // The gateway and the call know each other; this is called once, before the first notice.
  void attach(gateway::Gateway& gateway) { gateway_ = &gateway; }

  void tell(const PeerId& peer, const Notice& notice) override;
  void tell_room(const std::string& room_id, const Notice& notice, const PeerId& except) override;
  void enter(const PeerId& peer, const std::string& room_id) override;
  void leave(const PeerId& peer, const std::string& room_id) override;
  void disconnect(const PeerId& peer) override;
  void drop(const PeerId& peer) override;

 private:
  const IceServers& ice_;
  gateway::Gateway* gateway_ = nullptr;
};

// Control thread only.
class CallEvents {
 public:
  struct Parts {  // all outlive this
    auth::AuthService& auth;
    Calls& calls;
    CallService& call;
    PeerService& peers;
    HostService& host;
    MediaService& media;
    const IceServers& ice;
    Audience& audience;
    Random& random;
    std::function<Instant()> now;
  };
  explicit CallEvents(Parts parts) : parts_(std::move(parts)) {}

  // For the gateway, once it is there.
  gateway::Handlers handlers(gateway::Gateway& gateway);

 private:
  net::awaitable<http::Result<std::optional<Identity>>> identify(
      const gateway::Handshake& handshake);
  net::awaitable<std::expected<void, gateway::ConnectRefused>> connect(
      PeerId peer, const gateway::Handshake& handshake);
  net::awaitable<std::expected<void, gateway::ConnectRefused>> recover(
      PeerId peer, const gateway::Handshake& handshake);
  net::awaitable<void> handle(gateway::Gateway& gateway, gateway::ClientEvent event);
  void greet(const PeerId& peer, const Reply& reply);
  net::awaitable<http::Result<Reply>> ask(const PeerId& peer, ClientEvent event);

  Parts parts_;
};

}  // namespace server::call
