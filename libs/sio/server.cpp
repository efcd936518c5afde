#include "sio/server.hpp"

#include <algorithm>
#include <utility>

#include "sio/server_state.hpp"

namespace sio {

namespace {

constexpr std::size_t kHeldFramesMax = 1024;  // for a socket that is not accepted yet

}  // namespace

Server::Server(ServerOptions options, Random& random)
    : options_(options), random_(random), engine_(options.engine, random) {}

Server::~Server() = default;

void Server::add_namespace(std::string name) {
  auto nsp = std::make_unique<Namespace>();
  nsp->name = name;
  namespaces_.emplace(std::move(name), std::move(nsp));
}

Server::Socket* Server::find(const SocketId& id) {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : found->second.get();
}

const Server::Socket* Server::find(const SocketId& id) const {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : found->second.get();
}

Server::Connection* Server::find_connection(SessionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

std::optional<ServerEvent> Server::poll_event(Instant now) {
  for (;;) {
    settle_contests(now);
    if (!events_.empty()) break;
    auto event = engine_.poll_event();
    if (!event) return std::nullopt;
    std::visit([&](auto& one) { on(now, one); }, *event);
  }
  ServerEvent first = std::move(events_.front());
  events_.pop_front();
  return first;
}

void Server::on(Instant now, const SessionOpened& opened) {
  auto& connection = connections_[opened.session];
  connection = std::make_unique<Connection>();
  connection->session = opened.session;
  connect_deadlines_.emplace_back(now + options_.connect_timeout, opened.session);
  events_.emplace_back(opened);
}

void Server::on(Instant now, const SessionEnded& ended) {
  if (Connection* connection = find_connection(ended.session)) {
    end_sockets(now, *connection, ended.reason);
    connections_.erase(ended.session);
  }
  events_.emplace_back(ended);
}

void Server::on(Instant now, MessageReceived& message) {
  Connection* connection = find_connection(message.session);
  if (connection == nullptr || connection->is_closed) return;
  const PacketLimits limits = limits_for(*connection);
  auto packet = message.binary ? connection->decoder.binary(std::move(message.data), limits)
                               : connection->decoder.text(message.data, limits);
  if (!packet) return refuse_packet(now, *connection, packet.error());
  if (*packet) return on_packet(now, *connection, std::move(**packet));
  if (!message.binary) await_attachments(now, *connection);
}

void Server::refuse_packet(Instant now, Connection& connection, PacketError error) {
  const bool is_unfinished = error == PacketError::TooLarge && connection.decoder.is_unfinished();
  if (error == PacketError::BadAttachments) {
    ++refusals_.attachments;
  } else if (is_unfinished) {
    ++refusals_.unfinished;
  } else {
    ++refusals_.malformed;
  }
  close_connection(now, connection, reason::kParseError);
}

PacketLimits Server::limits_for(const Connection& connection) const {
  PacketLimits limits = options_.packets;
  const bool awaits_ack = std::ranges::any_of(
      connection.sockets, [](const Socket* socket) { return !socket->acks.empty(); });
  if (awaits_ack) limits.attachments_max = kAttachmentsMax;
  return limits;
}

void Server::await_attachments(Instant now, Connection& connection) {
  attachment_deadlines_.erase({connection.attachments_until, connection.session});
  connection.attachments_until = now + options_.attachments_time;
  attachment_deadlines_.emplace(connection.attachments_until, connection.session);
}

void Server::give_up_attachments(Instant now) {
  while (!attachment_deadlines_.empty() && attachment_deadlines_.begin()->first <= now) {
    Connection* connection = find_connection(attachment_deadlines_.begin()->second);
    attachment_deadlines_.erase(attachment_deadlines_.begin());
    const bool is_overdue =
        connection != nullptr && !connection->is_closed && connection->decoder.is_unfinished();
    if (!is_overdue) continue;
    ++refusals_.unfinished;
    close_connection(now, *connection, reason::kParseError);
  }
}

void Server::on_packet(Instant now, Connection& connection, Packet packet) {
  if (packet.type == Packet::Type::Connect) {
    return on_connect(now, connection, std::move(packet));
  }
  const auto found = std::ranges::find_if(
      connection.sockets, [&](const Socket* socket) { return socket->nsp->name == packet.nsp; });
  if (found == connection.sockets.end() || !(*found)->is_joined()) {
    return close_connection(now, connection, reason::kParseError);
  }
  Socket& socket = **found;
  switch (packet.type) {
    case Packet::Type::Event:
      events_.emplace_back(EventReceived{socket.id, std::move(packet.event),
                                         std::move(packet.payload), packet.id,
                                         packet.is_oversized});
      return;
    case Packet::Type::Ack:
      return on_client_ack(socket, std::move(packet));
    case Packet::Type::Disconnect:
      connection.sockets.erase(found);
      return end_socket(now, socket, reason::kClientDisconnect);
    case Packet::Type::Connect:
    case Packet::Type::ConnectError:
      return;  // the one is above, the decoder refuses the other
  }
}

void Server::on_client_ack(Socket& socket, Packet packet) {
  const auto found = socket.acks.find(*packet.id);
  if (found == socket.acks.end()) {  // too late, or never asked for
    events_.emplace_back(StrayPacket{socket.connection->session});
    return;
  }
  ack_deadlines_.erase({found->second, socket.id, *packet.id});
  socket.acks.erase(found);
  events_.emplace_back(AckReceived{socket.id, *packet.id, std::move(packet.payload)});
}

void Server::send(const Socket& socket, const Frames& frames) {
  for (const FrameRef& frame : frames) engine_.send(socket.connection->session, frame);
}

void Server::deliver(Instant now, Socket& socket, const Frames& frames, EventOffset offset,
                     std::size_t sharers) {
  if (options_.recovery) {
    if (socket.log == nullptr) socket.log = std::make_unique<EventLog>();
    socket.log->append(now, offset, frames, socket.log_limits, sharers);
    shrink_logs_at_ = std::min(shrink_logs_at_, now + socket.log_limits.age_max);
  }
  switch (socket.state) {
    case Socket::State::Connected:
      return send(socket, frames);
    case Socket::State::Asked:
      if (socket.held.size() < kHeldFramesMax) {
        socket.held.insert(socket.held.end(), frames.begin(), frames.end());
      }
      return;
    case Socket::State::Away:
    case Socket::State::Returning:
      return;  // the log has it
  }
}

void Server::emit(Instant now, const SocketId& to, std::string_view event, const Payload& payload) {
  Socket* socket = find(to);
  if (socket == nullptr) return;
  const EventOffset offset = ++last_offset_;
  const std::string mark = options_.recovery ? offset_text(offset) : std::string{};
  deliver(now, *socket, encode_event(socket->nsp->name, event, payload, {}, mark), offset);
}

void Server::emit_volatile(const SocketId& to, std::string_view event, const Payload& payload) {
  const Socket* socket = find(to);
  if (socket == nullptr || !socket->is_joined()) return;
  if (!engine_.is_writable(socket->connection->session)) return;
  send(*socket, encode_event(socket->nsp->name, event, payload, {}, {}));
}

std::optional<AckId> Server::emit_with_ack(Instant now, const SocketId& to, std::string_view event,
                                           const Payload& payload, Duration timeout) {
  Socket* socket = find(to);
  if (socket == nullptr || !socket->is_joined()) return std::nullopt;
  const AckId id = socket->nsp->last_ack++;
  await_ack(*socket, id, now + timeout);
  send(*socket, encode_event(socket->nsp->name, event, payload, id, {}));
  return id;
}

void Server::await_ack(Socket& socket, AckId id, Instant deadline) {
  socket.acks.emplace(id, deadline);
  ack_deadlines_.emplace(deadline, socket.id, id);
}

void Server::acknowledge(const SocketId& to, AckId id, const Payload& payload) {
  const Socket* socket = find(to);
  if (socket == nullptr || !socket->is_joined()) return;
  send(*socket, encode_ack(socket->nsp->name, id, payload));
}

void Server::handle_timeout(Instant now) {
  engine_.handle_timeout(now);
  while (!connect_deadlines_.empty() && connect_deadlines_.front().first <= now) {
    const Connection* connection = find_connection(connect_deadlines_.front().second);
    if (connection != nullptr && !connection->has_connected)
      engine_.close(now, connection->session);
    connect_deadlines_.pop_front();
  }
  give_up_attachments(now);
  give_up_searches(now);
  shrink_logs(now);
  while (!away_deadlines_.empty() && away_deadlines_.front().first <= now) {
    Socket* socket = find(away_deadlines_.front().second);
    const bool is_over =
        socket != nullptr && socket->state == Socket::State::Away && socket->away_until <= now;
    if (is_over) expire(*socket);
    away_deadlines_.pop_front();
  }
  while (!ack_deadlines_.empty() && std::get<Instant>(*ack_deadlines_.begin()) <= now) {
    const auto [at, id, ack] = *ack_deadlines_.begin();
    ack_deadlines_.erase(ack_deadlines_.begin());
    if (Socket* socket = find(id)) socket->acks.erase(ack);
    events_.emplace_back(AckMissed{id, ack});
  }
}

Instant Server::next_timeout() const {
  Instant next = engine_.next_timeout();
  if (!contests_.empty()) next = std::min(next, contests_.front().until);
  next = std::min(next, shrink_logs_at_);
  if (!searches_.empty()) next = std::min(next, searches_.front().until);
  if (!connect_deadlines_.empty()) next = std::min(next, connect_deadlines_.front().first);
  if (!attachment_deadlines_.empty()) next = std::min(next, attachment_deadlines_.begin()->first);
  if (!away_deadlines_.empty()) next = std::min(next, away_deadlines_.front().first);
  if (!ack_deadlines_.empty()) next = std::min(next, std::get<Instant>(*ack_deadlines_.begin()));
  return next;
}

}  // namespace sio
