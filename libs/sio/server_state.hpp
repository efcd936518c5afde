// What a Server keeps; for its own sources alone.
#pragma once

#include "sio/server.hpp"

namespace sio {

inline constexpr std::size_t kIdLength = 20;  // of a socket's id and proof: 120 random bits

struct Server::Namespace {
  std::string name;
  std::vector<Socket*> sockets;
  std::map<std::string, std::vector<Socket*>, std::less<>> rooms;
  AckId last_ack = 0;
};

// One Engine.IO session and what it joined.
struct Server::Connection {
  SessionId session = 0;
  bool has_connected = false;  // a CONNECT came in time
  bool is_closed = false;      // nothing of it is heard any more
  PacketDecoder decoder;
  Instant attachments_until = Instant::never();  // of the packet that is unfinished
  std::vector<Socket*> sockets;                  // at most one a namespace
};

// A client gives the proof that an earlier one gave already. Either that one's connection is lost
// and the server does not know yet, or this is a copy.
struct Server::Contest {
  SessionId asker = 0;
  SocketId socket;
  SessionId challenged = 0;  // the connection that has the socket
  Namespace* nsp = nullptr;
  boost::json::object asked;
  Instant until;
  bool is_met = false;
};

// A client waits whether its session is elsewhere.
struct Server::Search {
  SessionId asker = 0;
  Namespace* nsp = nullptr;
  boost::json::object asked;
  Instant until;
};

struct Server::Socket {
  enum class State : std::uint8_t { Asked, Connected, Away, Returning };
  SocketId id;
  std::string pid;  // secret; empty without recovery
  Namespace* nsp = nullptr;
  Connection* connection = nullptr;  // null while away
  State state = State::Asked;
  bool is_doomed = false;  // disconnect() came before accept()
  bool dooms_connection = false;
  EventOffset resume_after = 0;  // what the returning client has seen
  boost::json::object auth;      // kept while it returns, for the case of a refusal
  Instant away_until = Instant::never();
  std::vector<std::string> rooms;
  std::unique_ptr<EventLog> log;  // recovery, after the first event
  EventLog::Limits log_limits;
  std::vector<FrameRef> held;     // sent before accept()
  std::map<AckId, Instant> acks;  // awaited from the client
  std::uint64_t visit = 0;

  bool is_joined() const { return state == State::Connected; }
  bool is_asked_by(SessionId session) const {
    return !is_joined() && connection != nullptr && connection->session == session;
  }
};

}  // namespace sio
