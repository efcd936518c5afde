// Rooms, and what is said to all in them: the part of Server about more than one socket.
#include <algorithm>
#include <utility>

#include "sio/server.hpp"
#include "sio/server_state.hpp"

namespace sio {

// A socket's own id is a room of its own.
template <class Visit>
void Server::visit_room(Namespace& nsp, std::string_view room, Visit visit) {
  const auto found = nsp.rooms.find(room);
  if (found != nsp.rooms.end()) std::ranges::for_each(found->second, visit);
  Socket* own = find(SocketId(room));
  if (own != nullptr && own->nsp == &nsp) visit(own);
}

template <class Deliver>
void Server::for_each_target(const Target& target, Deliver deliver_one) {
  const auto found = namespaces_.find(target.nsp);
  if (found == namespaces_.end()) return;
  Namespace& nsp = *found->second;
  const std::uint64_t visit = ++last_visit_;
  for (const std::string& room : target.except) {
    visit_room(nsp, room, [&](Socket* socket) { socket->visit = visit; });
  }
  const auto visit_once = [&](Socket* socket) {
    if (std::exchange(socket->visit, visit) != visit) deliver_one(*socket);
  };
  if (target.rooms.empty()) std::ranges::for_each(nsp.sockets, visit_once);
  for (const std::string_view room : target.rooms) visit_room(nsp, room, visit_once);
}

void Server::broadcast(Instant now, const Target& target, std::string_view event,
                       const Payload& payload) {
  const EventOffset offset = ++last_offset_;
  const std::string mark = options_.recovery ? offset_text(offset) : std::string{};
  const Frames frames = encode_event(target.nsp, event, payload, {}, mark);
  targets_.clear();
  for_each_target(target, [&](Socket& socket) { targets_.push_back(&socket); });
  for (Socket* socket : targets_) deliver(now, *socket, frames, offset, targets_.size());
}

void Server::broadcast_fleeting(const Target& target, std::string_view event,
                                const Payload& payload) {
  const Frames frames = encode_event(target.nsp, event, payload, {}, {});
  for_each_target(target, [&](Socket& socket) {
    if (socket.is_joined()) send(socket, frames);
  });
}

void Server::broadcast_volatile(const Target& target, std::string_view event,
                                const Payload& payload) {
  const Frames frames = encode_event(target.nsp, event, payload, {}, {});
  for_each_target(target, [&](Socket& socket) {
    const bool can_leave = socket.is_joined() && engine_.is_writable(socket.connection->session);
    if (can_leave) send(socket, frames);
  });
}

Server::AskedAll Server::broadcast_with_ack(Instant now, const Target& target,
                                            std::string_view event, const Payload& payload,
                                            Duration timeout) {
  const auto nsp = namespaces_.find(target.nsp);
  if (nsp == namespaces_.end()) return {};
  AskedAll asked{.id = nsp->second->last_ack++};
  const Frames frames = encode_event(target.nsp, event, payload, asked.id, {});
  for_each_target(target, [&](Socket& socket) {
    if (!socket.is_joined()) return;
    await_ack(socket, asked.id, now + timeout);
    send(socket, frames);
    ++asked.receivers;
  });
  return asked;
}

std::vector<SocketId> Server::select(const Target& target) {
  std::vector<SocketId> selected;
  for_each_target(target, [&](Socket& socket) { selected.push_back(socket.id); });
  return selected;
}

bool Server::is_connected(const SocketId& id) const {
  const Socket* socket = find(id);
  return socket != nullptr && socket->is_joined();
}

std::vector<std::string> Server::rooms_of(const SocketId& id) const {
  const Socket* socket = find(id);
  if (socket == nullptr) return {};
  std::vector<std::string> rooms{id};
  rooms.insert(rooms.end(), socket->rooms.begin(), socket->rooms.end());
  return rooms;
}

std::vector<std::string> Server::rooms(std::string_view nsp) const {
  std::vector<std::string> rooms;
  const auto found = namespaces_.find(nsp);
  if (found == namespaces_.end()) return rooms;
  for (const Socket* socket : found->second->sockets) {
    if (socket->is_joined()) rooms.push_back(socket->id);
  }
  for (const auto& [room, members] : found->second->rooms) rooms.push_back(room);
  return rooms;
}

bool Server::has_room(std::string_view nsp, std::string_view room) const {
  const auto found = namespaces_.find(nsp);
  if (found == namespaces_.end()) return false;
  const Socket* own = find(SocketId(room));
  return found->second->rooms.contains(room) || (own != nullptr && own->nsp == found->second.get());
}

void Server::join(const SocketId& id, std::string_view room) {
  Socket* socket = find(id);
  if (socket == nullptr || std::ranges::find(socket->rooms, room) != socket->rooms.end()) return;
  socket->rooms.emplace_back(room);
  socket->nsp->rooms[std::string(room)].push_back(socket);
}

void Server::leave(const SocketId& id, std::string_view room) {
  Socket* socket = find(id);
  if (socket == nullptr || std::erase(socket->rooms, room) == 0) return;
  const auto found = socket->nsp->rooms.find(room);
  std::erase(found->second, socket);
  if (found->second.empty()) socket->nsp->rooms.erase(found);
}

void Server::leave_all(Socket& socket) {
  for (const std::string& room : std::exchange(socket.rooms, {})) {
    const auto found = socket.nsp->rooms.find(room);
    std::erase(found->second, &socket);
    if (found->second.empty()) socket.nsp->rooms.erase(found);
  }
}

}  // namespace sio
