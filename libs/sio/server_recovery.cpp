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

constexpr Duration kShrinkLogs = 10s;  // a sweep over all sockets

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

// Without an offset there is nothing to take up, and a proof of ours has one length.
bool Server::search(Instant now, const Connection& connection, Namespace& nsp,
                    const json::object& asked) {
  SearchAsked wanted{connection.session, nsp.name, text_member(asked, "pid")};
  const bool may_be_elsewhere = options_.search_time > Duration{0} &&
                                wanted.pid.size() == kIdLength && !by_pid_.contains(wanted.pid) &&
                                parse_offset(text_member(asked, "offset"));
  if (!may_be_elsewhere) return false;
  searches_.push_back({connection.session, &nsp, asked, now + options_.search_time});
  events_.emplace_back(std::move(wanted));
  return true;
}

bool Server::end_search(Instant now, const SearchAsked& search, std::optional<SavedSession> found) {
  const auto place = std::ranges::find_if(searches_, [&](const Search& one) {
    return one.asker == search.session && one.nsp->name == search.nsp;
  });
  if (place == searches_.end()) return false;
  const Search ended = std::move(*place);
  searches_.erase(place);
  Connection* asker = find_connection(ended.asker);
  if (asker == nullptr || asker->is_closed) return false;
  const bool is_same = found && found->pid == search.pid && found->nsp == search.nsp;
  const bool is_taken_up = is_same && take_up(now, *ended.nsp, std::move(*found));
  if (!try_recovery(now, *asker, *ended.nsp, ended.asked)) ask(*asker, *ended.nsp, ended.asked);
  return is_taken_up;
}

// As if its connection had been lost here just now.
bool Server::take_up(Instant now, Namespace& nsp, SavedSession session) {
  if (sockets_.contains(session.socket) || by_pid_.contains(session.pid)) return false;
  auto made = std::make_unique<Socket>();
  Socket& socket = *made;
  socket.id = std::move(session.socket);
  socket.pid = std::move(session.pid);
  socket.nsp = &nsp;
  socket.state = Socket::State::Away;
  socket.away_until = now + options_.recovery_time;
  socket.log = std::make_unique<EventLog>(std::move(session.log));
  socket.log_limits = options_.log;
  last_offset_ = std::max(last_offset_, socket.log->last());  // offsets grow, for this one as well
  away_deadlines_.emplace_back(socket.away_until, socket.id);
  by_pid_.emplace(socket.pid, &socket);
  nsp.sockets.push_back(&socket);
  sockets_.emplace(socket.id, std::move(made));
  return true;
}

void Server::give_up_searches(Instant now) {
  while (!searches_.empty() && searches_.front().until <= now) {
    const Search over = std::move(searches_.front());
    searches_.pop_front();
    Connection* asker = find_connection(over.asker);
    if (asker != nullptr && !asker->is_closed) ask(*asker, *over.nsp, over.asked);
  }
}

void Server::limit_log(const SocketId& id, const EventLog::Limits& limits) {
  if (Socket* socket = find(id)) socket->log_limits = limits;
}

// An idle socket gets no event that would make its log forget the old ones. One that returns is
// about to be sent its log.
void Server::shrink_logs(Instant now) {
  if (now < shrink_logs_at_) return;
  shrink_logs_at_ = Instant::never();
  for (const auto& [id, socket] : sockets_) {
    if (socket->log == nullptr) continue;
    const bool returns = socket->state == Socket::State::Returning;
    if (!returns) socket->log->shrink(now, socket->log_limits);
    if (socket->log->entries().empty()) continue;
    shrink_logs_at_ = now + kShrinkLogs;
  }
}

std::optional<SavedSession> Server::save(Instant now, const SocketId& id,
                                         const EventLog::Limits& limits) const {
  const Socket* socket = find(id);
  if (socket == nullptr || socket->state == Socket::State::Asked || socket->log == nullptr) {
    return std::nullopt;
  }
  return SavedSession{id, socket->pid, socket->nsp->name, socket->log->latest(now, limits)};
}

}  // namespace sio
