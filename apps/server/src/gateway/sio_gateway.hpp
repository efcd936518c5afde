// The Gateway over our own Socket.IO server: one queue a socket, so that its events are handled
// one at a time and in order, and the handlers that the slices gave.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "gateway/engine_shell.hpp"
#include "gateway/event_rate.hpp"
#include "gateway/gateway.hpp"
#include "gateway/refusal.hpp"
#include "sio/redis_adapter.hpp"
#include "sio/server.hpp"

namespace server::gateway {

struct GatewayOptions {
  sio::ServerOptions sio;
  bool rate_limit = true;  // of the events of a connection, and of the sessions of an address
  // A session that polls needs no connection, so the listener's bound does not hold for it.
  std::size_t sessions_max = 50'000;
  std::size_t sessions_per_address_max = 512;  // enough for a company behind an address of its own
  // Where the octets that a client leaves unread are counted; empty: nowhere.
  std::function<OctetBudgetRef(const IpAddress& client)> budget_of;
  // The login that a request comes from; empty: none. A session that was opened from one is open
  // to that one alone. Optional.
  std::function<std::string(const http::Request&)> login_of;
  EngineDoor door;
};

// Control thread only. `io` and `random` outlive it; it outlives the HTTP sessions.
class SioGateway final : public Gateway {
 public:
  SioGateway(net::io_context& io, Random& random, GatewayOptions options);
  ~SioGateway() override;

  // Once, before the first connection.
  void set_handlers(Handlers handlers) { handlers_ = std::move(handlers); }
  http::Doorway doorway() { return shell_.doorway(); }

  // What other servers that speak the format of the Redis adapter say to the sockets here; what
  // they are answered goes to `publish`. Once, before the first message.
  struct Meeting {
    std::string uid;  // what no other server is called
    sio::RedisAdapter::Describe describe;
    std::function<void(sio::Publication)> publish;
  };
  const sio::RedisAdapter& meet(Meeting meeting);
  std::expected<void, sio::AdapterError> hear(std::string_view channel, std::string_view message);

  // Closes every connection as "server shutting down" and refuses new ones with 503.
  void drain();
  // From now on nothing that clients say is heard, and nobody is let in: they are about to go
  // elsewhere, where a session that was not found here may be.
  void stop_listening() { is_listening_ = false; }
  // What another server needs to go on with the socket; nullopt: nothing could.
  std::optional<sio::SavedSession> save(const SocketId& socket,
                                        const sio::EventLog::Limits& limits);
  std::size_t connection_count() { return server_.engine().session_count(); }
  // Of them those on a WebSocket; the requests of those who poll are the HTTP door's to count.
  std::size_t web_socket_count() { return server_.engine().web_socket_session_count(); }
  const Refusals& refusals() const { return refusals_; }
  const sio::EngineRefusals& engine_refusals() const { return server_.engine().refusals(); }
  const sio::PacketRefusals& packet_refusals() const { return server_.refusals(); }

  void emit(const SocketId& to, std::string_view event, const json::value& payload) override;
  void acknowledge(const SocketId& to, AckId ack, const json::value& payload) override;
  void broadcast(std::string_view room, std::string_view event, const json::value& payload,
                 std::span<const SocketId> except = {}) override;
  void broadcast_fleeting(std::string_view room, std::string_view event,
                          const json::value& payload) override;
  void join(const SocketId& socket, std::string_view room) override;
  void leave(const SocketId& socket, std::string_view room) override;
  void disconnect(const SocketId& socket) override;
  void drop(const SocketId& socket) override;

 private:
  // A client that asks to come in, with the handshake of its connection.
  struct Arrival {
    sio::ConnectAsked asked;
    std::shared_ptr<const http::Request> handshake;
  };
  // An event and the session that it came by.
  struct Told {
    ClientEvent event;
    sio::SessionId session = 0;
  };
  using Item = std::variant<Arrival, Told, sio::Disconnected, sio::AwayExpired>;

  // One socket: what it still has to be told of, in order.
  struct Peer {
    std::list<Item> queue;
    bool is_worked_on = false;
    sio::SessionId session = 0;
    IpAddress network;  // of the client that it was first
  };
  // One Engine.IO session. Its limits do not begin anew with another CONNECT.
  struct Line {
    explicit Line(Instant now) : events(now), refusals(now), octets(now) {}
    std::shared_ptr<const http::Request> handshake;
    std::string login;  // that it was opened from; empty: none
    EventRate events;
    RefusalRate refusals;
    OctetRate octets;
    OctetBudgetRef budget;    // of its address; null: none
    std::size_t pending = 0;  // events of its sockets that wait
    // Each lives in the frame of the coroutine that waits for it.
    std::vector<std::weak_ptr<net::steady_timer>> waiting;
  };
  using Holds = bool (SioGateway::*)(sio::SessionId, Instant) const;

  EngineDoor guarded(EngineDoor door);
  EngineProtocol protocol();
  bool is_owner(sio::SessionId session, const http::Request& request);

  void work_off(Instant now);
  void on(Instant now, sio::SessionOpened&) { (void)now; }
  void on(Instant now, sio::SessionEnded& ended);
  void on(Instant now, sio::ConnectAsked& asked);
  void on(Instant now, sio::EventReceived& event);
  void on(Instant now, sio::StrayPacket& stray);
  void on(Instant now, sio::AckReceived& ack);
  void on(Instant now, sio::AckMissed& ack);
  void on(Instant now, sio::Disconnected& disconnected);
  void on(Instant now, sio::AwayExpired& expired);
  void on(Instant now, sio::SearchAsked& search);

  void publish_answers();
  Line* line_of(sio::SessionId session);
  // Whether a packet that is no event is within the rate.
  bool take_packet(Instant now, sio::SessionId session);
  void count_refusal(Instant now, sio::SessionId session);
  void charge_input(sio::SessionId session, std::size_t octets);
  // What is kept for the return of one socket when its address has so many.
  static sio::EventLog::Limits log_limits(std::size_t sockets);
  void share_logs(const SocketId& id, const IpAddress& network);
  void forget(const SocketId& id);
  void enqueue(const SocketId& id, Item item);
  net::awaitable<void> work_off_queue(SocketId id);
  // True: the socket is gone for good.
  net::awaitable<bool> handle(SocketId id, Item item);
  net::awaitable<void> handle_event(ClientEvent event);
  net::awaitable<void> search(sio::SearchAsked asked);
  void open_line(sio::SessionId session, const http::Request& request);
  std::optional<http::Response> refuse(const http::Request& request);
  net::awaitable<bool> admit(SocketId id, Arrival arrival);
  void done_with_event(sio::SessionId session);
  // Its client does not read what it is sent: nothing more is worked on for it.
  bool is_behind(sio::SessionId session, Instant now) const;
  // Nothing more of it is read.
  bool is_congested(sio::SessionId session, Instant now) const;
  net::awaitable<void> wait_while(Holds holds, sio::SessionId session);
  void wake(Line& line);
  void wake_those_who_read();

  net::io_context& io_;
  const bool rate_limit_;
  const std::size_t sessions_max_;
  const std::size_t sessions_per_address_max_;
  const std::function<OctetBudgetRef(const IpAddress&)> budget_of_;
  const std::function<std::string(const http::Request&)> login_of_;
  bool is_draining_ = false;
  bool is_listening_ = true;
  Handlers handlers_;
  std::unordered_map<SocketId, Peer> peers_;
  std::unordered_map<sio::SessionId, Line> lines_;
  std::map<IpAddress, std::size_t> lines_of_;  // how many a network has
  std::map<IpAddress, std::size_t> peers_of_;  // the same, those away among them
  std::unordered_set<sio::SessionId> behind_;  // somebody waits until they read
  Refusals refusals_;
  sio::Server server_;
  std::optional<sio::RedisAdapter> adapter_;
  std::function<void(sio::Publication)> publish_;  // what the adapter answers
  EngineShell shell_;
};

}  // namespace server::gateway
