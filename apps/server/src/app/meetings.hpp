// The call and its Socket.IO door, built together.
#pragma once

#include <optional>

#include "app/accounts.hpp"
#include "app/clustering.hpp"
#include "call/call_events.hpp"
#include "call/call_routes.hpp"
#include "gateway/edge.hpp"
#include "gateway/foreign_servers.hpp"
#include "gateway/move_gate.hpp"
#include "gateway/remote_sockets.hpp"
#include "gateway/room_mover.hpp"
#include "gateway/sio_gateway.hpp"
#include "http/addresses.hpp"
#include "http/origins.hpp"

namespace server::app {

struct MeetingOptions {
  http::Addresses& addresses;
  call::CallLimits calls;
  call::IceServerOptions ice;
  bool rate_limit = true;
};

// In the order of construction. All that it is built on outlives it.
struct Meetings {
  Meetings(net::io_context& io, const MeetingOptions& options, Accounts& accounts,
           sfu::SfuService& sfu_service, const http::Origins& origins, cluster::Bus& bus,
           Clustering* clustering, Random& random);

  // Moves the call's clock until the io_context stops.
  net::awaitable<void> keep_time();
  // Closes, within a second, the sockets of logins that were ended elsewhere, and the rooms that
  // were deleted there.
  net::awaitable<void> watch_store();
  // Keeps the rooms here their home's, and lets those go that are another server's.
  net::awaitable<void> keep_homes();
  // Reads a room again, as a change of it by the REST door asks for.
  net::awaitable<void> refresh(std::string room_id);
  // People in rooms here, or connected here in rooms of other servers.
  std::size_t people_served() const;
  // People in the room, at whatever server it lives.
  std::size_t peer_count(std::string_view room_id) const;

  auth::AuthService& auth;
  room::RoomService& rooms;
  bool draining = false;  // nobody new comes in
  call::IceServers ice;
  call::GatewayAudience audience;
  call::Calls calls;
  call::CallService call;
  call::PeerService peers;
  call::MediaService media;
  call::HostService host;
  call::CallEvents events;
  gateway::SioGateway gateway;
  Clustering* clustering;  // null: this server alone
  gateway::MoveGate gate;
  std::optional<gateway::RemoteSockets> remote;
  std::optional<gateway::Edge> edge;
  std::optional<gateway::ForeignServers> foreign;
  std::optional<gateway::RoomMover> mover;
  sfu::SfuService& sfu;
  net::steady_timer timer;
  net::steady_timer store_timer;
  net::steady_timer homes_timer;

 private:
  void open_door(net::io_context& io, Random& random);
};

}  // namespace server::app
