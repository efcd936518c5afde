// All Engine.IO sessions of a server: finds the session that a request or a WebSocket belongs to,
// opens new ones, and lets time pass for all of them.
#pragma once

#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "sio/engine_session.hpp"

namespace sio {

// What the query of a request says; nullopt where it says nothing.
struct EngineQuery {
  std::optional<std::string> version;  // EIO
  std::optional<std::string> transport;
  std::optional<std::string> sid;
};

struct EngineRequest {
  enum class Method : std::uint8_t { Get, Post, Other };
  Method method = Method::Get;
  EngineQuery query;
  std::string content_type;
  std::string body;
};

// Every call is an input, after which poll_output() and poll_event() are called until both have
// nothing more. `random` makes the secret `sid`s, so it must be unpredictable.
class EngineServer {
 public:
  EngineServer(EngineOptions options, Random& random);

  // A whole request. Its answer comes as an output, now or (a hanging GET) later. The result is
  // the session that it opened.
  std::optional<SessionId> http(Instant now, RequestId id, const EngineRequest& request);
  // The client of a request that has no answer yet went away.
  void http_aborted(RequestId id);
  // The head of a POST has arrived: why its body need not be read, if it need not.
  std::optional<EngineError> refuse_post(const EngineQuery& query);
  // The head of a POST has arrived, its body is under way …
  void post_begun(RequestId id, const EngineQuery& query);
  // … and will not come, since the client went away; nothing happens when it has come.
  void post_aborted(RequestId id, const EngineQuery& query);

  // Asked before a WebSocket is accepted: nullopt admits it.
  std::optional<EngineError> refuse_web_socket(const EngineQuery& query) const;
  // The result is the session that it opened; nullopt for a second transport of an open session.
  std::optional<SessionId> web_socket_opened(Instant now, WebSocketId id, const EngineQuery& query);
  void web_socket_message(Instant now, WebSocketId id, std::string data, bool binary);
  // The answer to PingWanted, or a Pong that nobody asked for.
  void web_socket_ponged(WebSocketId id);
  // Once for every WebSocket that was opened, also for one that was dismissed. `why` is
  // transport close, transport error or parse error (text that was not UTF-8).
  void web_socket_closed(WebSocketId id, std::string_view why);
  // Answers Writable: the frames that wait for it; empty: nothing more until the next Writable.
  // Whoever takes frames has written those of the call before.
  void take(WebSocketId id, std::vector<FrameRef>& frames);

  // What the client of a session leaves unread counts towards that budget from now on.
  void charge(SessionId session, OctetBudgetRef budget);
  std::size_t unread_octets(SessionId session) const;
  void send(SessionId session, FrameRef frame);
  bool is_writable(SessionId session) const;
  // Ends in ChallengeMet if the client is still there, and in nothing if it is not.
  void challenge(SessionId session);
  // Ends a session after the client got what waits for it (forced close), or at once.
  void close(Instant now, SessionId session);
  void abort(SessionId session, std::string_view why);

  void handle_timeout(Instant now);
  Instant next_timeout() const;
  std::optional<TransportOutput> poll_output();
  std::optional<SessionEvent> poll_event();

  // The session that a WebSocket or a `sid` belongs to.
  std::optional<SessionId> session_of(WebSocketId id) const;
  std::optional<SessionId> session_of(const std::string& sid) const;
  std::vector<SessionId> session_ids() const;
  std::size_t session_count() const { return sessions_.size(); }
  // Of them those whose transport is a WebSocket. A polling client is there only while one of its
  // requests is.
  std::size_t web_socket_session_count() const;
  const EngineOptions& options() const { return options_; }
  const EngineRefusals& refusals() const { return out_.refusals; }

 private:
  struct Slot {
    std::unique_ptr<EngineSession> session;
    Instant scheduled = Instant::never();  // the one entry of `timeouts_` that counts
    bool touched = false;                  // is in `touched_`
  };
  struct Timeout {
    Instant at;
    SessionId session;
    friend bool operator>(const Timeout& a, const Timeout& b) { return a.at > b.at; }
  };

  EngineSession* find(const std::string& sid);
  EngineSession* find(SessionId id);
  EngineSession* owner_of(WebSocketId id);
  EngineSession& create();
  std::optional<EngineError> refuse_http(EngineRequest::Method method, const EngineQuery& query);
  // Notes that a session got input or has something to send.
  void touch(SessionId id);
  void touch(SessionId id, Slot& slot);
  // Flushes, reschedules and drops what has been touched.
  void settle();
  void schedule(SessionId id, Slot& slot);

  EngineOptions options_;
  Random& random_;
  EngineOutputs out_;
  SessionId last_id_ = 0;
  std::unordered_map<SessionId, Slot> sessions_;
  std::unordered_map<std::string, SessionId> by_sid_;
  std::unordered_map<WebSocketId, SessionId> by_socket_;
  std::unordered_map<RequestId, SessionId> polls_;  // hanging GETs
  std::vector<SessionId> touched_;
  std::priority_queue<Timeout, std::vector<Timeout>, std::greater<>> timeouts_;
};

}  // namespace sio
