// Who is where right now: connections, rooms, lobbies and who is host. No I/O and no clock; what
// people must learn of a change goes to the audience at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "call/call_mode.hpp"
#include "call/notices.hpp"
#include "call/room_lock.hpp"

namespace server::call {

inline constexpr std::size_t kWaitingMax = 50;
inline constexpr std::size_t kBansMax =
    1'000;  // removals of one room; beyond it one of them is forgotten
inline constexpr Duration kAwayUnnoticed = std::chrono::seconds{10};
inline constexpr Duration kLobbyPatience = std::chrono::minutes{10};
inline constexpr Duration kDenialLasts = std::chrono::seconds{60};

enum class Place : std::uint8_t {
  Nowhere,
  Waiting,  // in the lobby of room_id
  Inside,   // in room_id
  Held,     // away for longer than kAwayUnnoticed; comes back into room_id by itself
};

struct Connection {
  std::optional<Identity> who;  // nullopt: neither cookie nor guest name
  Place place = Place::Nowhere;
  std::string room_id;
  PeerState state;
  bool is_host = false;               // may moderate; as the others see it
  Instant waiting_since;              // read while Waiting
  std::optional<Instant> away_since;  // its connection is lost, and may come back
};

struct CallRoom {
  room::Room info;
  std::vector<PeerId> members;                  // in the order of joining
  std::vector<PeerId> waiting;                  // in the order of knocking
  std::map<std::string, Instant> denied_until;  // by Identity::ban_key()
  std::set<std::string> removed;                // by Identity::ban_key(): must be admitted
  CallMode mode;
  std::vector<ProducerView> producers;  // what the members send through the SFU, oldest first
  RoomLock lock;
  bool is_deleted = false;   // for who was on the way in meanwhile
  std::size_t entering = 0;  // people between the door and their place: see Entering
};

// Keeps a room, empty as it may be, while somebody waits for the database on the way in.
class Entering {
 public:
  explicit Entering(CallRoom& room) : room_(room) { ++room_.entering; }
  ~Entering() { --room_.entering; }
  Entering(const Entering&) = delete;
  Entering& operator=(const Entering&) = delete;

 private:
  CallRoom& room_;
};

struct RoomState;

struct CallLimits {
  std::size_t peers_max = 100;    // people in a room
  std::size_t p2p_peers_max = 2;  // larger rooms go through the SFU
};

// Control thread only.
class Calls {
 public:
  // `audience` outlives this.
  Calls(Audience& audience, const CallLimits& limits) : audience_(audience), limits_(limits) {}

  // Called for everyone who goes, and whenever their media ends otherwise; once, before anyone
  // comes.
  void on_media_end(std::function<void(const PeerId&)> handler) { media_end_ = std::move(handler); }

  void connect(const PeerId& peer, std::optional<Identity> who);
  // Forgets the connection, and takes it out of its room or lobby first.
  void disconnect(const PeerId& peer, std::string_view reason);
  Connection* find(const PeerId& peer);
  const Connection* find(const PeerId& peer) const;
  // All connections that the condition holds for.
  template <class Condition>
  std::vector<PeerId> select(Condition condition) const {
    std::vector<PeerId> chosen;
    for (const auto& [peer, connection] : connections_) {
      if (condition(connection)) chosen.push_back(peer);
    }
    return chosen;
  }

  // The live side of a room, made when there is none; learns `info` as learn() does. Shared, so
  // that a coroutine that holds the lock may outlast the room.
  std::shared_ptr<CallRoom> open(const room::Room& info);
  // What the database says of an open room. Ignored when the room knows newer settings already: a
  // query may come back after a change that it did not see.
  void learn(const room::Room& info);
  std::shared_ptr<CallRoom> find_room(const std::string& room_id) const;
  std::size_t peer_count(std::string_view room_id) const;
  std::size_t connection_count() const { return connections_.size(); }
  // The logins that connections stand on: user ids by login.
  std::map<std::string, std::string> logins() const;
  std::size_t room_count() const { return rooms_.size(); }
  std::vector<std::string> room_ids() const;
  // People by room id, of the rooms that have any.
  std::map<std::string, std::size_t, std::less<>> head_counts() const;
  // People in all rooms together.
  std::size_t member_count() const;
  bool is_full(const CallRoom& room) const { return room.members.size() >= limits_.peers_max; }

  // Puts the peer into the room and tells the others. may_enter() decides who may (call/entry.hpp).
  void enter(CallRoom& room, const PeerId& peer);
  // Out of the room: the others learn of it, for this reason ("left", "disconnected", "removed").
  void leave(const PeerId& peer, std::string_view reason);
  // Away for too long: the others see it leave, but it keeps its place.
  void hold(const PeerId& peer);
  void wait(CallRoom& room, const PeerId& peer, Instant now);
  void stop_waiting(const PeerId& peer);

  // All that the member sends and receives through the SFU is over; the others learn of it.
  void end_media(CallRoom& room, const PeerId& peer);
  // Every room moves through the SFU, or back, as far as its size says so.
  void settle_modes(Instant now);
  // FORBIDDEN: too many for peer to peer, or it has failed here.
  http::Result<void> choose_mode(CallRoom& room, Mode mode);
  void request_sfu(CallRoom& room);

  // Makes the host flags true to `room.info.host_id` and who is there, and tells who changed.
  void refresh_hosts(CallRoom& room);
  // Everyone out of the room; each is told `reason`.
  void close(CallRoom& room, std::string_view reason);
  // The server goes: everyone in a room is told, to come back to it or to another.
  void tell_shutdown();

  // Denials that are over, and rooms that only they kept.
  void forget_denials(Instant now);

  // A room moves to another server: nobody is told but of their media, which ends with this.
  std::set<std::string> room_ids_to_move() const;
  RoomState save(const std::string& room_id, Instant now);
  // It lives elsewhere: nothing is kept of it; its people are nowhere.
  void forget_room(const std::string& room_id);
  // It comes from there; nobody is told but that the `absent` have left.
  void restore(const room::Room& info, RoomState state, std::set<PeerId> absent, Instant now);

  PeerView view(const PeerId& peer) const;
  std::vector<PeerView> others(const CallRoom& room, const PeerId& self) const;

 private:
  void tell_mode(const CallRoom& room, MoveReason reason, const PeerId& except = {});
  void take_out(CallRoom& room, const PeerId& peer, std::string_view reason);
  static void reset(Connection& connection);
  void drop_if_unused(const std::string& room_id);
  std::set<PeerId> hosts_of(const CallRoom& room) const;

  Audience& audience_;
  CallLimits limits_;
  std::function<void(const PeerId&)> media_end_;
  std::unordered_map<PeerId, Connection> connections_;
  std::map<std::string, std::shared_ptr<CallRoom>, std::less<>> rooms_;  // by room id
};

}  // namespace server::call
