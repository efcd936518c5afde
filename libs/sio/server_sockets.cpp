// Sockets that come and go: the part of Server about CONNECT, its answers, and the end.
#include <algorithm>
#include <utility>

#include "sio/server.hpp"
#include "sio/server_state.hpp"

namespace sio {

namespace json = boost::json;

namespace {

bool is_recoverable(std::string_view why) {
  return why == reason::kTransportError || why == reason::kTransportClose ||
         why == reason::kPingTimeout || why == reason::kShutDown;
}

}  // namespace

void Server::on_connect(Instant now, Connection& connection, Packet packet) {
  connection.has_connected = true;
  if (is_asking(connection, packet.nsp) || is_shut_down_) {
    return close_connection(now, connection, reason::kParseError);
  }
  const auto found = namespaces_.find(packet.nsp);
  const bool is_full = connection.sockets.size() >= options_.namespaces_max;
  if (found == namespaces_.end() || is_full) {
    const json::object error{{"message", "Invalid namespace"}};
    engine_.send(connection.session,
                 encode_control(Packet::Type::ConnectError, packet.nsp, &error));
    events_.emplace_back(StrayPacket{connection.session});
    return;
  }
  Namespace& nsp = *found->second;
  if (options_.recovery && try_recovery(now, connection, nsp, packet.object)) return;
  if (options_.recovery && search(now, connection, nsp, packet.object)) return;
  ask(connection, nsp, std::move(packet.object));
}

bool Server::is_asking(const Connection& connection, std::string_view nsp) const {
  const auto is_mine = [&](const auto& waiting) {
    return waiting.asker == connection.session && waiting.nsp->name == nsp;
  };
  return std::ranges::any_of(connection.sockets,
                             [&](const Socket* socket) { return socket->nsp->name == nsp; }) ||
         std::ranges::any_of(contests_, is_mine) || std::ranges::any_of(searches_, is_mine);
}

void Server::ask(Connection& connection, Namespace& nsp, json::object auth) {
  auto made = std::make_unique<Socket>();
  Socket& socket = *made;
  socket.id = random_.url_safe(kIdLength);
  socket.nsp = &nsp;
  socket.connection = &connection;
  socket.log_limits = options_.log;
  if (options_.recovery) {
    auth.erase("pid");
    auth.erase("offset");
    socket.pid = random_.url_safe(kIdLength);
    by_pid_.emplace(socket.pid, &socket);
  }
  connection.sockets.push_back(&socket);
  nsp.sockets.push_back(&socket);
  sockets_.emplace(socket.id, std::move(made));
  events_.emplace_back(
      ConnectAsked{socket.id, connection.session, nsp.name, std::move(auth), false});
}

bool Server::accept(Instant now, const SocketId& id, SessionId session) {
  Socket* socket = find(id);
  if (socket == nullptr || !socket->is_asked_by(session)) return false;
  if (socket->state == Socket::State::Returning)
    send(*socket, socket->log->after(socket->resume_after));
  json::object reply{{"sid", socket->id}};
  if (options_.recovery) reply["pid"] = socket->pid;
  engine_.send(socket->connection->session,
               encode_control(Packet::Type::Connect, socket->nsp->name, &reply));
  socket->state = Socket::State::Connected;
  socket->auth.clear();
  send(*socket, std::exchange(socket->held, {}));
  if (socket->is_doomed) disconnect(now, id, socket->dooms_connection);
  return true;
}

void Server::refuse(const SocketId& id, SessionId session, std::string_view message,
                    const json::object* data) {
  Socket* socket = find(id);
  if (socket == nullptr || !socket->is_asked_by(session)) return;
  Connection& connection = *socket->connection;
  Namespace& nsp = *socket->nsp;
  std::erase(connection.sockets, socket);
  if (socket->state == Socket::State::Returning) {
    json::object auth = std::move(socket->auth);
    expire(*socket);
    return ask(connection, nsp, std::move(auth));
  }
  json::object error{{"message", message}};
  if (data != nullptr) error["data"] = *data;
  engine_.send(connection.session, encode_control(Packet::Type::ConnectError, nsp.name, &error));
  forget(*socket);
}

void Server::disconnect(Instant now, const SocketId& id, bool closes_connection) {
  Socket* socket = find(id);
  if (socket == nullptr) return;
  if (socket->state == Socket::State::Away) return expire(*socket);
  if (!socket->is_joined()) {
    socket->is_doomed = true;
    socket->dooms_connection = closes_connection;
    return;
  }
  Connection& connection = *socket->connection;
  engine_.send(connection.session,
               encode_control(Packet::Type::Disconnect, socket->nsp->name, nullptr));
  std::erase(connection.sockets, socket);
  end_socket(now, *socket, reason::kServerDisconnect);
  if (!closes_connection) return;
  end_sockets(now, connection, reason::kServerClose);
  connection.is_closed = true;
  engine_.close(now, connection.session);
}

void Server::drop(Instant now, const SocketId& id) {
  Socket* socket = find(id);
  if (socket != nullptr && socket->connection != nullptr) {
    Connection& connection = *socket->connection;
    end_sockets(now, connection, reason::kTransportClose);
    connection.is_closed = true;
    engine_.close(now, connection.session);  // after what was said to it before
    socket = find(id);
  }
  if (socket != nullptr) expire(*socket);
}

bool Server::close_session(Instant now, SessionId session) {
  Connection* connection = find_connection(session);
  if (connection == nullptr || connection->is_closed) return false;
  close_connection(now, *connection, reason::kServerClose);
  return true;
}

void Server::shut_down(Instant now) {
  is_shut_down_ = true;
  for (auto& [session, connection] : connections_) {
    end_sockets(now, *connection, reason::kShutDown);
    connection->is_closed = true;
    engine_.close(now, session);
  }
}

void Server::close_connection(Instant now, Connection& connection, std::string_view why) {
  end_sockets(now, connection, why);
  connection.is_closed = true;
  engine_.abort(connection.session, why);
}

void Server::end_sockets(Instant now, Connection& connection, std::string_view why) {
  for (Socket* socket : std::exchange(connection.sockets, {})) end_socket(now, *socket, why);
}

void Server::end_socket(Instant now, Socket& socket, std::string_view why) {
  miss_acks(socket);
  const bool was_joined = socket.is_joined();
  const bool may_return = socket.state == Socket::State::Returning ||
                          (was_joined && options_.recovery && is_recoverable(why));
  if (was_joined) events_.emplace_back(Disconnected{socket.id, why, may_return});
  if (!may_return) return forget(socket);
  socket.state = Socket::State::Away;
  socket.connection = nullptr;
  socket.away_until = now + options_.recovery_time;
  away_deadlines_.emplace_back(socket.away_until, socket.id);
}

void Server::expire(Socket& socket) {
  events_.emplace_back(AwayExpired{socket.id});
  forget(socket);
}

void Server::forget(Socket& socket) {
  leave_all(socket);
  std::erase(socket.nsp->sockets, &socket);
  by_pid_.erase(socket.pid);
  const SocketId id = socket.id;  // the key must outlive the socket
  sockets_.erase(id);
}

void Server::miss_acks(Socket& socket) {
  for (const auto& [id, deadline] : std::exchange(socket.acks, {})) {
    ack_deadlines_.erase({deadline, socket.id, id});
    events_.emplace_back(AckMissed{socket.id, id});
  }
}

}  // namespace sio
