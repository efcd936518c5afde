// A Socket.IO 5 server without sockets: namespaces, rooms, acknowledgements and connection state
// recovery over the Engine.IO sessions of an EngineServer.
//
// Bytes and `now` go in; what the transports must do and what the application must know come out.
// After every call: poll_output() and poll_event() until both have nothing more.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "sio/engine_server.hpp"
#include "sio/event_log.hpp"
#include "sio/packet.hpp"

namespace sio {

using SocketId = std::string;  // public: never the Engine.IO `sid`

struct ServerOptions {
  EngineOptions engine;
  Duration connect_timeout = std::chrono::seconds{45};  // for the first CONNECT
  std::size_t namespaces_max = 64;                      // joined at the same time by a connection
  // Of what clients send by themselves. An acknowledgement that was asked for may always have
  // kAttachmentsMax attachments.
  PacketLimits packets;
  Duration attachments_time = std::chrono::seconds{30};  // from the text to its last attachment
  bool recovery = false;
  Duration recovery_time = std::chrono::minutes{2};
  EventLog::Limits log;
  // How long a client waits whose session is not known here, but may be elsewhere; zero: not at
  // all, there is no elsewhere.
  Duration search_time{0};
};

// What another server needs to take up the session of a client. Its rooms are not part of it: who
// takes it up joins them anew, after what was missed in them.
struct SavedSession {
  SocketId socket;
  std::string pid;  // secret
  std::string nsp;
  EventLog log;
};

namespace reason {
inline constexpr std::string_view kServerClose = "forced server close";
inline constexpr std::string_view kServerDisconnect = "server namespace disconnect";
inline constexpr std::string_view kClientDisconnect = "client namespace disconnect";
inline constexpr std::string_view kShutDown = "server shutting down";
}  // namespace reason

// A client asks to join a namespace, or to take up a lost connection: accept() or refuse() it.
struct ConnectAsked {
  SocketId socket;
  SessionId session;
  std::string nsp;
  boost::json::object auth;  // without `pid` and `offset`
  bool is_recovery = false;
};
struct EventReceived {
  SocketId socket;
  std::string name;  // of an oversized one, as far as it could be told without reading it
  Payload payload;
  std::optional<AckId> ack;   // for acknowledge()
  bool is_oversized = false;  // over PacketLimits::text_max: it has no payload here
};
// A packet that did nothing: an acknowledgement that nobody asked for, or a CONNECT to no
// namespace. Rate limits count it.
struct StrayPacket {
  SessionId session;
};
struct AckReceived {
  SocketId socket;
  AckId id;
  Payload payload;
};
// The time is over or the connection is gone; the acknowledgement will not come.
struct AckMissed {
  SocketId socket;
  AckId id;
};
struct Disconnected {
  SocketId socket;
  std::string_view reason;
  bool is_recoverable = false;  // AwayExpired follows unless the client comes back
};
// A lost connection was not taken up again, or cannot be any more.
struct AwayExpired {
  SocketId socket;
};
// A client wants to take up a session that is not known here: end_search() with what is found.
struct SearchAsked {
  SessionId session;
  std::string nsp;
  std::string pid;
};
// SessionOpened and SessionEnded tell which Engine.IO session a ConnectAsked belongs to.
using ServerEvent =
    std::variant<SessionOpened, SessionEnded, ConnectAsked, EventReceived, StrayPacket, AckReceived,
                 AckMissed, Disconnected, AwayExpired, SearchAsked>;

// Connections that were closed for what they sent, by the reason.
struct PacketRefusals {
  std::uint64_t malformed = 0;    // any other PacketError
  std::uint64_t attachments = 0;  // more than PacketLimits::attachments_max
  std::uint64_t unfinished = 0;   // attachments too late, or over PacketLimits::unfinished_max
};

// A socket's own id is a room that it is always in.
struct Target {
  std::string_view nsp = "/";
  std::span<const std::string_view> rooms;  // empty: the whole namespace
  std::span<const std::string> except;      // rooms too
};

class Server {
 public:
  // `random` must be unpredictable: it makes the ids that prove who a client is.
  Server(ServerOptions options, Random& random);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void add_namespace(std::string name);

  // Inputs of the transports; then settle what they brought by poll_event().
  EngineServer& engine() { return engine_; }
  const EngineServer& engine() const { return engine_; }
  const PacketRefusals& refusals() const { return refusals_; }

  // Both with socket and session of the ConnectAsked that they answer: a client may have lost that
  // connection meanwhile, and asked again by another.
  // False: it has. A client that returns gets what it missed first.
  bool accept(Instant now, const SocketId& id, SessionId session);
  // A refused recovery goes on as a new ConnectAsked; a refused connection is told
  // `{"message","data"?}`.
  void refuse(const SocketId& id, SessionId session, std::string_view message,
              const boost::json::object* data = nullptr);

  // Emitting to an unknown socket does nothing; to one that is away it is kept for it.
  void emit(Instant now, const SocketId& to, std::string_view event, const Payload& payload);
  // Volatile: dropped unless it can leave at once, and never kept.
  void emit_volatile(const SocketId& to, std::string_view event, const Payload& payload);
  // Ends in AckReceived or AckMissed with this id. nullopt when the socket is not connected.
  std::optional<AckId> emit_with_ack(Instant now, const SocketId& to, std::string_view event,
                                     const Payload& payload, Duration timeout);
  void acknowledge(const SocketId& to, AckId id, const Payload& payload);
  // Encoded once for all receivers, and once for each even when it is in several of the rooms.
  void broadcast(Instant now, const Target& target, std::string_view event, const Payload& payload);
  // Not kept for who is away: of no use to anyone later.
  void broadcast_fleeting(const Target& target, std::string_view event, const Payload& payload);
  void broadcast_volatile(const Target& target, std::string_view event, const Payload& payload);
  struct AskedAll {
    AckId id = 0;  // no other acknowledgement of the namespace has it
    std::size_t receivers = 0;
  };
  // To those who are connected; each ends in AckReceived or AckMissed.
  AskedAll broadcast_with_ack(Instant now, const Target& target, std::string_view event,
                              const Payload& payload, Duration timeout);

  // Whom a broadcast is for, with those who are away or not accepted yet.
  std::vector<SocketId> select(const Target& target);
  bool is_connected(const SocketId& id) const;
  // Its own first.
  std::vector<std::string> rooms_of(const SocketId& id) const;
  std::vector<std::string> rooms(std::string_view nsp) const;
  bool has_room(std::string_view nsp, std::string_view room) const;

  void join(const SocketId& id, std::string_view room);
  void leave(const SocketId& id, std::string_view room);

  // Ends a socket for good; with `closes_connection` the session and its other sockets as well.
  void disconnect(Instant now, const SocketId& id, bool closes_connection);
  // Ends a socket as if its connection had been lost, and cannot be taken up again: its client
  // comes back by itself, as a new one.
  void drop(Instant now, const SocketId& id);
  // Ends a connection at once, with all its sockets: nothing of it can be taken up again. False:
  // it had ended before.
  bool close_session(Instant now, SessionId session);
  // Another log than ServerOptions::log says, from the socket's next event on.
  void limit_log(const SocketId& id, const EventLog::Limits& limits);
  // For a server that the client will go to. nullopt: there is nothing that it could take up.
  std::optional<SavedSession> save(Instant now, const SocketId& id,
                                   const EventLog::Limits& limits) const;
  // The session that was searched for, if any; a ConnectAsked follows. False: the client waits no
  // longer, and the session is not taken up.
  bool end_search(Instant now, const SearchAsked& search, std::optional<SavedSession> found);

  // Closes every connection as "server shutting down" and takes no CONNECT any more.
  void shut_down(Instant now);

  void handle_timeout(Instant now);
  Instant next_timeout() const;
  std::optional<TransportOutput> poll_output() { return engine_.poll_output(); }
  std::optional<ServerEvent> poll_event(Instant now);

 private:
  struct Socket;
  struct Namespace;
  struct Connection;
  struct Contest;
  struct Search;

  void on(Instant now, const SessionOpened& opened);
  void on(Instant now, MessageReceived& message);
  void on(Instant now, const SessionEnded& ended);
  void on(Instant now, const ChallengeMet& met);
  void on_packet(Instant now, Connection& connection, Packet packet);
  void on_connect(Instant now, Connection& connection, Packet packet);
  void on_client_ack(Socket& socket, Packet packet);
  void refuse_packet(Instant now, Connection& connection, PacketError error);
  PacketLimits limits_for(const Connection& connection) const;
  void await_attachments(Instant now, Connection& connection);
  void give_up_attachments(Instant now);
  void shrink_logs(Instant now);
  void ask(Connection& connection, Namespace& nsp, boost::json::object auth);
  bool try_recovery(Instant now, Connection& connection, Namespace& nsp,
                    const boost::json::object& asked);
  // True: it may be elsewhere, and the client waits.
  bool search(Instant now, const Connection& connection, Namespace& nsp,
              const boost::json::object& asked);
  bool take_up(Instant now, Namespace& nsp, SavedSession session);
  void give_up_searches(Instant now);
  bool is_asking(const Connection& connection, std::string_view nsp) const;
  void contest(Instant now, Connection& connection, Socket& socket,
               const boost::json::object& asked);
  void settle_contests(Instant now);
  void settle(Instant now, Contest& contest);
  // Takes a socket from a connection that is lost, though nobody has said so.
  void take_away(Instant now, Socket& socket);

  // Ends all sockets of a connection and closes it.
  void close_connection(Instant now, Connection& connection, std::string_view why);
  void end_sockets(Instant now, Connection& connection, std::string_view why);
  void end_socket(Instant now, Socket& socket, std::string_view why);
  void expire(Socket& socket);
  void forget(Socket& socket);
  void leave_all(Socket& socket);
  void miss_acks(Socket& socket);

  // `sharers`: how many sockets get these frames.
  void deliver(Instant now, Socket& socket, const Frames& frames, EventOffset offset,
               std::size_t sharers = 1);
  void send(const Socket& socket, const Frames& frames);
  void await_ack(Socket& socket, AckId id, Instant deadline);
  template <class Visit>
  void visit_room(Namespace& nsp, std::string_view room, Visit visit);
  template <class Deliver>
  void for_each_target(const Target& target, Deliver deliver);

  Socket* find(const SocketId& id);
  const Socket* find(const SocketId& id) const;
  Connection* find_connection(SessionId id);

  ServerOptions options_;
  Random& random_;
  EngineServer engine_;
  std::deque<ServerEvent> events_;
  std::map<std::string, std::unique_ptr<Namespace>, std::less<>> namespaces_;
  std::unordered_map<SessionId, std::unique_ptr<Connection>> connections_;
  std::unordered_map<SocketId, std::unique_ptr<Socket>> sockets_;
  std::unordered_map<std::string, Socket*> by_pid_;  // recovery alone
  std::deque<std::pair<Instant, SessionId>> connect_deadlines_;
  std::set<std::pair<Instant, SessionId>> attachment_deadlines_;  // one a connection at most
  std::deque<std::pair<Instant, SocketId>> away_deadlines_;
  std::set<std::tuple<Instant, SocketId, AckId>> ack_deadlines_;
  std::vector<Contest> contests_;              // by deadline
  std::deque<Search> searches_;                // by deadline
  Instant shrink_logs_at_ = Instant::never();  // while there are logs
  EventOffset last_offset_ = 0;
  PacketRefusals refusals_;
  std::vector<Socket*> targets_;  // of a broadcast, while it lasts
  std::uint64_t last_visit_ = 0;  // marks the sockets that a broadcast has seen
  bool is_shut_down_ = false;
};

}  // namespace sio
