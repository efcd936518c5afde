// Sockets that come back: the part of Server about connection state recovery.
#include <algorithm>
#include <utility>

#include "sio/server.hpp"
#include "sio/server_state.hpp"

namespace sio {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

// How long a connection has to show that it lives when its session is asked for by another: more
// than the way there and back, less than anybody waits.
constexpr Duration kContestTime = 2s;

std::string text_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const bool is_text = value != nullptr && value->is_string();
  return is_text ? std::string(value->get_string()) : std::string{};
}

}  // namespace

// A `pid` proves that this is the client of that socket, so it may also take over a connection that
// the server still thinks alive. True: the socket is asked for, now or after a contest; else the
// client gets a new one.
bool Server::try_recovery(Instant now, Connection& connection, Namespace& nsp,
                          const json::object& asked) {
  using State = Socket::State;
  const auto found = by_pid_.find(text_member(asked, "pid"));
  if (found == by_pid_.end() || found->second->nsp != &nsp) return false;
  Socket& socket = *found->second;
  const auto offset = parse_offset(text_member(asked, "offset"));
  const bool is_complete = offset && socket.log != nullptr && socket.log->holds_all_after(*offset);
  if (socket.state == State::Away && !is_complete) expire(socket);
  if (!is_complete) return false;
  // Nobody has got the answer to this proof yet, so whoever gave it may give it again.
  if (socket.state == State::Returning) take_away(now, socket);
  if (socket.state == State::Connected) {
    const bool is_used = *offset <= socket.resume_after;
    if (is_used) {
      contest(now, connection, socket, asked);
      return true;
    }
    take_away(now, socket);
  }
  if (socket.state != State::Away) return false;

  socket.state = State::Returning;
  socket.connection = &connection;
  socket.resume_after = *offset;
  socket.auth = asked;
  socket.auth.erase("pid");
  socket.auth.erase("offset");
  connection.sockets.push_back(&socket);
  events_.emplace_back(ConnectAsked{socket.id, connection.session, nsp.name, socket.auth, true});
  return true;
}

void Server::take_away(Instant now, Socket& socket) {
  Connection& old = *socket.connection;
  std::erase(old.sockets, &socket);
  end_socket(now, socket, reason::kTransportClose);
  if (old.sockets.empty()) close_connection(now, old, reason::kTransportClose);
}

// A session is restored once: who has it keeps it. But the answer to its client may have been lost
// with the connection, before the server notices; so that one must show that it lives.
void Server::contest(Instant now, Connection& connection, Socket& socket,
                     const json::object& asked) {
  const SessionId challenged = socket.connection->session;
  contests_.push_back(
      {connection.session, socket.id, challenged, socket.nsp, asked, now + kContestTime, false});
  engine_.challenge(challenged);
}

void Server::on(Instant, const ChallengeMet& met) {
  for (Contest& contest : contests_) {
    if (contest.challenged == met.session) contest.is_met = true;
  }
}

void Server::settle_contests(Instant now) {
  if (contests_.empty()) return;
  for (Contest& contest : std::exchange(contests_, {})) {
    const Socket* socket = find(contest.socket);
    const bool is_held = socket != nullptr && socket->is_joined() &&
                         socket->connection->session == contest.challenged;
    if (is_held && !contest.is_met && now < contest.until) {
      contests_.push_back(std::move(contest));
    } else {
      settle(now, contest);
    }
  }
}

void Server::settle(Instant now, Contest& contest) {
  Connection* asker = find_connection(contest.asker);
  if (asker == nullptr || asker->is_closed) return;
  if (!contest.is_met) {
    Socket* socket = find(contest.socket);
    const bool is_silent = socket != nullptr && socket->is_joined() &&
                           socket->connection->session == contest.challenged;
    if (is_silent) take_away(now, *socket);
    if (try_recovery(now, *asker, *contest.nsp, contest.asked)) return;
  }
  ask(*asker, *contest.nsp, std::move(contest.asked));
}

}  // namespace sio
