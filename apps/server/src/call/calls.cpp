#include "call/calls.hpp"

#include <algorithm>

namespace server::call {

void Calls::connect(const PeerId& peer, std::optional<Identity> who) {
  connections_[peer] = Connection{.who = std::move(who)};
}

void Calls::disconnect(const PeerId& peer, std::string_view reason) {
  stop_waiting(peer);
  leave(peer, reason);
  connections_.erase(peer);
}

Connection* Calls::find(const PeerId& peer) {
  const auto found = connections_.find(peer);
  return found == connections_.end() ? nullptr : &found->second;
}

const Connection* Calls::find(const PeerId& peer) const {
  const auto found = connections_.find(peer);
  return found == connections_.end() ? nullptr : &found->second;
}

std::shared_ptr<CallRoom> Calls::open(const room::Room& info) {
  auto& room = rooms_[info.id];
  if (room == nullptr) {
    room = std::make_shared<CallRoom>();
    room->info = info;
  }
  learn(info);
  return room;
}

void Calls::learn(const room::Room& info) {
  const auto room = find_room(info.id);
  if (room != nullptr && info.updated_at >= room->info.updated_at) room->info = info;
}

std::shared_ptr<CallRoom> Calls::find_room(const std::string& room_id) const {
  const auto found = rooms_.find(room_id);
  return found == rooms_.end() ? nullptr : found->second;
}

std::size_t Calls::peer_count(std::string_view room_id) const {
  const auto found = rooms_.find(room_id);
  return found == rooms_.end() ? 0 : found->second->members.size();
}

std::map<std::string, std::string> Calls::logins() const {
  std::map<std::string, std::string> found;
  for (const auto& [peer, connection] : connections_) {
    if (connection.who && connection.who->user_id) {
      found.emplace(connection.who->sid, *connection.who->user_id);
    }
  }
  return found;
}

std::vector<std::string> Calls::room_ids() const {
  std::vector<std::string> ids;
  for (const auto& [room_id, room] : rooms_) ids.push_back(room_id);
  return ids;
}

std::map<std::string, std::size_t, std::less<>> Calls::head_counts() const {
  std::map<std::string, std::size_t, std::less<>> counts;
  for (const auto& [room_id, room] : rooms_) {
    if (!room->members.empty()) counts.emplace(room_id, room->members.size());
  }
  return counts;
}

std::size_t Calls::member_count() const {
  std::size_t count = 0;
  for (const auto& [room_id, room] : rooms_) count += room->members.size();
  return count;
}

void Calls::enter(CallRoom& room, const PeerId& peer) {
  Connection& connection = connections_.at(peer);
  connection.place = Place::Inside;
  connection.room_id = room.info.id;
  room.members.push_back(peer);
  connection.is_host = hosts_of(room).contains(peer);
  audience_.tell_room(room.info.id, PeerJoined{view(peer)}, peer);
  audience_.enter(peer, room.info.id);
  // Who comes in learns it with room:joined.
  if (room.mode.grow(room.members.size(), limits_.p2p_peers_max)) {
    tell_mode(room, MoveReason::Size, peer);
  }
  refresh_hosts(room);
  if (!connection.is_host) return;
  for (const PeerId& waiting : room.waiting) {
    audience_.tell(peer, LobbyKnock{waiting, view(waiting).user});
  }
}

void Calls::leave(const PeerId& peer, std::string_view reason) {
  Connection* connection = find(peer);
  if (connection == nullptr) return;
  const bool was_inside = connection->place == Place::Inside;
  if (!was_inside && connection->place != Place::Held) return;
  const std::string room_id = connection->room_id;
  audience_.leave(peer, room_id);
  const auto room = find_room(room_id);
  if (was_inside && room != nullptr) take_out(*room, peer, reason);
  reset(*connection);
  drop_if_unused(room_id);
}

void Calls::hold(const PeerId& peer) {
  Connection& connection = connections_.at(peer);
  const auto room = find_room(connection.room_id);
  connection.place = Place::Held;
  connection.is_host = false;
  if (room == nullptr) return;
  take_out(*room, peer, "disconnected");
  drop_if_unused(connection.room_id);
}

void Calls::take_out(CallRoom& room, const PeerId& peer, std::string_view reason) {
  std::erase(room.members, peer);
  end_media(room, peer);
  audience_.tell_room(room.info.id, PeerLeft{peer, reason}, peer);
  refresh_hosts(room);
  if (room.members.empty()) room.mode = {};
}

void Calls::end_media(CallRoom& room, const PeerId& peer) {
  std::erase_if(room.producers, [&](const ProducerView& producer) {
    if (producer.peer != peer) return false;
    audience_.tell_room(room.info.id, ProducerClosed{producer.id}, peer);
    return true;
  });
  if (media_end_) media_end_(peer);
}

void Calls::tell_mode(const CallRoom& room, MoveReason reason, const PeerId& except) {
  audience_.tell_room(room.info.id, RoomMoved{room.mode.mode(), reason}, except);
}

void Calls::settle_modes(Instant now) {
  for (const auto& [room_id, room] : rooms_) {
    if (room->mode.settle(room->members.size(), limits_.p2p_peers_max, now)) {
      tell_mode(*room, MoveReason::Size);
    }
  }
}

http::Result<void> Calls::choose_mode(CallRoom& room, Mode mode) {
  if (mode == Mode::Sfu) {
    if (room.mode.keep_sfu(MoveReason::Host)) tell_mode(room, MoveReason::Host);
    return {};
  }
  if (room.members.size() > limits_.p2p_peers_max) {
    return http::fail(403, "FORBIDDEN", "too many people for peer to peer");
  }
  if (room.mode.has_failed()) return http::fail(403, "FORBIDDEN", "peer to peer has failed here");
  if (room.mode.allow_p2p()) tell_mode(room, MoveReason::Host);
  return {};
}

void Calls::request_sfu(CallRoom& room) {
  if (room.mode.keep_sfu(MoveReason::P2pFailed)) tell_mode(room, MoveReason::P2pFailed);
}

void Calls::wait(CallRoom& room, const PeerId& peer, Instant now) {
  Connection& connection = connections_.at(peer);
  connection.place = Place::Waiting;
  connection.room_id = room.info.id;
  connection.waiting_since = now;
  room.waiting.push_back(peer);
  for (const PeerId& host : room.members) {
    if (connections_.at(host).is_host) audience_.tell(host, LobbyKnock{peer, view(peer).user});
  }
}

void Calls::stop_waiting(const PeerId& peer) {
  Connection* connection = find(peer);
  if (connection == nullptr || connection->place != Place::Waiting) return;
  const std::string room_id = connection->room_id;
  reset(*connection);
  const auto room = find_room(room_id);
  if (room == nullptr) return;
  std::erase(room->waiting, peer);
  for (const PeerId& host : room->members) {
    if (connections_.at(host).is_host) audience_.tell(host, LobbyLeft{peer});
  }
  drop_if_unused(room_id);
}

void Calls::refresh_hosts(CallRoom& room) {
  const std::set<PeerId> hosts = hosts_of(room);
  for (const PeerId& peer : room.members) {
    Connection& connection = connections_.at(peer);
    const bool is_host = hosts.contains(peer);
    if (connection.is_host == is_host) continue;
    connection.is_host = is_host;
    // To everyone: the one concerned learns of its new powers, too.
    audience_.tell_room(room.info.id, PeerUpdated{peer, connection.state, view(peer).user}, {});
    if (!is_host) continue;
    for (const PeerId& waiting : room.waiting) {
      audience_.tell(peer, LobbyKnock{waiting, view(waiting).user});
    }
  }
}

std::set<PeerId> Calls::hosts_of(const CallRoom& room) const {
  std::set<PeerId> hosts;
  const PeerId* first_with_account = nullptr;
  for (const PeerId& peer : room.members) {
    const Identity& who = *connections_.at(peer).who;
    if (who.is_guest()) continue;
    if (first_with_account == nullptr) first_with_account = &peer;
    if (*who.user_id == room.info.host_id) hosts.insert(peer);
  }
  if (hosts.empty() && first_with_account != nullptr) hosts.insert(*first_with_account);
  return hosts;
}

void Calls::close(CallRoom& room, std::string_view reason) {
  for (const PeerId& peer : room.members) {
    audience_.tell(peer, RoomClosed{reason});
    audience_.leave(peer, room.info.id);
    reset(connections_.at(peer));
    if (media_end_) media_end_(peer);
  }
  room.members.clear();
  room.producers.clear();
  room.mode = {};
  drop_if_unused(room.info.id);
}

void Calls::tell_shutdown() {
  for (const auto& [id, room] : rooms_) audience_.tell_room(id, RoomClosed{"shutdown"}, {});
}

void Calls::reset(Connection& connection) {
  connection.place = Place::Nowhere;
  connection.room_id.clear();
  connection.state = {};
  connection.is_host = false;
}

PeerView Calls::view(const PeerId& peer) const {
  const Connection& connection = connections_.at(peer);
  const Identity& who = *connection.who;
  return {peer, {who.public_id(), who.name, who.is_guest(), connection.is_host}, connection.state};
}

std::vector<PeerView> Calls::others(const CallRoom& room, const PeerId& self) const {
  std::vector<PeerView> views;
  for (const PeerId& peer : room.members) {
    if (peer != self) views.push_back(view(peer));
  }
  return views;
}

void Calls::forget_denials(Instant now) {
  std::vector<std::string> room_ids;
  for (const auto& [room_id, room] : rooms_) {
    std::erase_if(room->denied_until, [&](const auto& denial) { return denial.second <= now; });
    room_ids.push_back(room_id);
  }
  for (const std::string& room_id : room_ids) drop_if_unused(room_id);
}

void Calls::drop_if_unused(const std::string& room_id) {
  const auto found = rooms_.find(room_id);
  if (found == rooms_.end()) return;
  const CallRoom& room = *found->second;
  // Removals and denials outlast an empty room: leaving it for a moment must not lift them.
  const bool is_unused = room.members.empty() && room.waiting.empty() && room.removed.empty() &&
                         room.denied_until.empty() && room.entering == 0;
  if (is_unused) rooms_.erase(found);
}

}  // namespace server::call
