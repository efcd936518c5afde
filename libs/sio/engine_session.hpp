// One Engine.IO 4 session: a client's line to the server over long polling, WebSocket, or first
// the one and then the other.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/octet_budget.hpp"
#include "base/time.hpp"
#include "sio/engine_packet.hpp"
#include "sio/frame.hpp"

namespace sio {

using RequestId = std::uint64_t;    // the shell's, for an HTTP request that awaits its answer
using WebSocketId = std::uint64_t;  // the shell's, for a WebSocket
using SessionId = std::uint64_t;    // ours; unlike the `sid` no secret

struct EngineOptions {
  Duration ping_interval = std::chrono::seconds{25};
  Duration ping_timeout = std::chrono::seconds{20};
  Duration upgrade_timeout = std::chrono::seconds{10};
  Duration close_timeout = std::chrono::seconds{30};  // for a client to fetch what was left
  std::size_t max_payload = 1'000'000;                // octets of a body or message of a client
  std::size_t packets_per_post_max = 1'000;           // beyond it the session is closed
  std::size_t write_buffer_max = 4 * 1024 * 1024;     // octets a session; beyond it it is closed
  // Octets that a session may leave unread though its client's OctetBudget is exceeded; beyond
  // them it is closed.
  std::size_t unread_over_budget_max = 64 * 1024;
};

// What a request is refused with (the protocol's own codes).
enum class EngineError : std::uint8_t {
  UnknownTransport,
  UnknownSession,
  BadHandshakeMethod,
  BadRequest,
  Forbidden,
  UnsupportedVersion,
  TooManyPackets,  // in one POST
};

// How often each limit closed a session or refused a request.
struct EngineRefusals {
  std::uint64_t packets_per_post = 0;
  std::uint64_t write_buffer = 0;
  std::uint64_t octet_budget = 0;
  std::uint64_t unknown_session = 0;  // requests for one that is not there
};

struct HttpAnswer {
  unsigned status = 200;
  std::string_view content_type;
  std::string body;
};

// 400, Forbidden 403, with `{"code","message"}`; TooManyPackets has the code of BadRequest.
HttpAnswer error_answer(EngineError error);

// For the shell to carry out.
struct Answered {
  RequestId request;
  HttpAnswer answer;
};
struct Writable {  // frames wait: take() them until there are none
  WebSocketId socket;
};
struct Dismissed {  // close it with this status code
  WebSocketId socket;
  std::uint16_t code = 1000;
};
struct PingWanted {  // send a Ping frame, and tell of the Pong
  WebSocketId socket;
};
using TransportOutput = std::variant<Answered, Writable, Dismissed, PingWanted>;

// For the protocol above.
struct SessionOpened {
  SessionId session;
};
struct MessageReceived {
  SessionId session;
  std::string data;
  bool binary = false;
};
struct SessionEnded {
  SessionId session;
  std::string_view reason;
};
// The client has shown that it is still there.
struct ChallengeMet {
  SessionId session;
};
using SessionEvent = std::variant<SessionOpened, MessageReceived, SessionEnded, ChallengeMet>;

struct EngineOutputs {
  std::deque<TransportOutput> transport;
  std::deque<SessionEvent> events;
  EngineRefusals refusals;
};

// Why a session ended, in the words of the stock server.
namespace reason {
inline constexpr std::string_view kTransportClose = "transport close";
inline constexpr std::string_view kTransportError = "transport error";
inline constexpr std::string_view kPingTimeout = "ping timeout";
inline constexpr std::string_view kParseError = "parse error";
inline constexpr std::string_view kForcedClose = "forced close";
}  // namespace reason

// Owned by an EngineServer, which drops it once it has ended. `options` and `out` outlive it.
class EngineSession {
 public:
  EngineSession(SessionId id, std::string sid, const EngineOptions& options, EngineOutputs& out);
  ~EngineSession();
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;

  void open_by_polling(Instant now, RequestId request);
  void open_by_web_socket(Instant now, WebSocketId socket);

  void get(Instant now, RequestId request);
  void post(Instant now, RequestId request, std::string_view content_type, std::string_view body);
  // The head of a POST is there, its body not yet: a second one at the same time is an error.
  void post_begun(RequestId request);
  // The client went away before its answer, or in the middle of a body.
  void request_aborted(RequestId request);
  void post_aborted(RequestId request);

  // A second transport. False: there is nothing to upgrade (any more), dismiss it.
  bool attach(Instant now, WebSocketId socket);
  void web_socket_message(Instant now, WebSocketId socket, std::string data, bool binary);
  void web_socket_ponged(WebSocketId socket);
  void web_socket_closed(WebSocketId socket, std::string_view why);

  // What the client leaves unread counts towards its budget from now on.
  void charge(OctetBudgetRef budget);
  // Octets that were sent and that the transport has not taken, as far as is known.
  std::size_t unread_octets() const { return waiting_bytes_ + taken_bytes_; }

  void send(FrameRef frame);
  // Whether something sent now would leave at once (what volatile events ask).
  bool is_writable() const;
  // Has the client show that it is still there; a connection that is lost unnoticed shows nothing.
  void challenge();
  // Lets the client fetch what waits, then ends.
  void close(Instant now);
  // Ends at once.
  void end(std::string_view why);
  // Hands what waits to the transport; called when a batch of input has been worked off.
  void flush();
  // Moves what waits for that WebSocket into `frames`; empty: all has been taken.
  void take(WebSocketId socket, std::vector<FrameRef>& frames);

  void handle_timeout(Instant now);
  Instant deadline() const;

  SessionId id() const { return id_; }
  const std::string& sid() const { return sid_; }
  bool has_ended() const { return state_ == State::Ended; }
  std::optional<WebSocketId> web_socket() const { return web_socket_; }
  std::optional<WebSocketId> probe() const { return probe_; }

 private:
  enum class State : std::uint8_t { Open, Closing, Ended };
  enum class Origin : std::uint8_t { Polling, WebSocket };
  // Over polling only a GET after the answer to the one before shows that there is somebody.
  enum class Challenge : std::uint8_t { None, AwaitsPong, AwaitsPoll, AwaitsNextPoll };

  std::string open_packet(bool may_upgrade) const;
  void open(Instant now);
  void on_packet(Instant now, EnginePacket packet, Origin origin);
  void on_probe_message(std::string_view data, bool binary);
  void complete_upgrade();
  void drop_probe();
  void meet_challenge();
  void answer_poll(std::string body);
  void answer_post(RequestId request, bool is_good);
  void announce(WebSocketId socket, bool& announced);
  void hold(std::size_t waiting, std::size_t taken);

  const SessionId id_;
  const std::string sid_;
  const EngineOptions& options_;
  EngineOutputs& out_;

  State state_ = State::Open;
  bool probed_ = false;
  bool announced_ = false;  // Writable was put out and not all taken yet
  bool probe_announced_ = false;
  bool awaits_pong_ = false;
  Challenge challenge_ = Challenge::None;
  std::optional<RequestId> poll_;            // the hanging GET
  std::optional<RequestId> post_;            // the POST whose body is under way
  std::optional<WebSocketId> web_socket_;    // set: this is the transport
  std::optional<WebSocketId> probe_;         // a WebSocket that may become the transport
  Instant heartbeat_at_ = Instant::never();  // next ping, or when the answer to it is overdue
  Instant upgrade_until_ = Instant::never();
  Instant release_poll_at_ = Instant::never();
  Instant close_until_ = Instant::never();
  std::vector<FrameRef> waiting_;
  FrameRef probe_answer_;
  std::size_t waiting_bytes_ = 0;
  std::size_t taken_bytes_ = 0;  // taken and perhaps not yet written
  OctetBudgetRef budget_;        // holds the two sums above
};

}  // namespace sio
