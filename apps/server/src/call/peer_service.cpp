#include "call/peer_service.hpp"

#include "call/access.hpp"

namespace server::call {

namespace {

http::Result<Reply> left_meanwhile() {
  return http::fail(409, "NOT_IN_ROOM", "you have left the room meanwhile");
}

}  // namespace

bool PeerService::is_inside(const PeerId& peer, const CallRoom& room) {
  const auto standing = require_inside(parts_.calls, peer);
  return standing && standing->room.get() == &room;
}

http::Result<Reply> PeerService::update(const PeerId& peer, const UpdatePeer& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  PeerState& state = standing->connection.state;
  state.audio = event.audio.value_or(state.audio);
  state.video = event.video.value_or(state.video);
  state.screen = event.screen.value_or(state.screen);
  state.hand_raised = event.hand_raised.value_or(state.hand_raised);
  parts_.audience.tell_room(standing->room->info.id, PeerUpdated{peer, state, {}}, peer);
  return Done{};
}

http::Result<Reply> PeerService::react(const PeerId& peer, const React& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  parts_.audience.tell_room(standing->room->info.id, PeerReaction{peer, event.emoji}, peer);
  return Done{};
}

http::Result<Reply> PeerService::typing(const PeerId& peer, const Typing& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  parts_.audience.tell_room(standing->room->info.id, PeerTyping{peer, event.typing}, peer);
  return Done{};
}

http::Result<Reply> PeerService::show_path(const PeerId& peer, const ShowPath& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  auto member = require_member(parts_.calls, *standing->room, event.target);
  if (!member) return std::unexpected(std::move(member.error()));
  parts_.audience.tell(event.target, PathShown{peer, event.target, event.mode});
  return Done{};
}

http::Result<Reply> PeerService::request_sfu(const PeerId& peer, const RequestSfu& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  auto member = require_member(parts_.calls, *standing->room, event.target);
  if (!member) return std::unexpected(std::move(member.error()));
  if (event.target == peer) {
    return std::unexpected(http::invalid_field("peerId", "must be another peer"));
  }
  parts_.calls.request_sfu(*standing->room);
  return Done{};
}

http::Result<Reply> PeerService::relay(const PeerId& peer, Relayed message) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  auto member = require_member(parts_.calls, *standing->room, message.target);
  if (!member) return std::unexpected(std::move(member.error()));
  if (message.target == peer) {
    return std::unexpected(http::invalid_field("targetPeerId", "must be another peer"));
  }
  const PeerId target = message.target;
  message.from = peer;
  parts_.audience.tell(target, std::move(message));
  return Done{};
}

net::awaitable<http::Result<Reply>> PeerService::send_chat(PeerId peer, SendChat event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  const auto room = standing->room;
  const Identity who = *standing->connection.who;

  const auto hold = co_await room->lock.acquire();
  if (!is_inside(peer, *room)) co_return left_meanwhile();
  auto stored =
      co_await parts_.chat.store(room->info.id, {who.user_id, who.guest_id, who.name, who.address},
                                 std::move(event.content), event.client_id);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  if (!stored->repeated) {
    parts_.audience.tell_room(room->info.id, ChatMessage{stored->message, event.client_id}, {});
  }
  co_return ChatStored{std::move(stored->message)};
}

net::awaitable<http::Result<Reply>> PeerService::read_history(PeerId peer, ReadHistory event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  const auto room = standing->room;
  auto page = co_await parts_.chat.history(room->info.id, std::move(event.before), event.limit);
  if (!page) co_return std::unexpected(std::move(page.error()));
  if (!is_inside(peer, *room)) co_return left_meanwhile();
  co_return History{std::move(*page)};
}

}  // namespace server::call
