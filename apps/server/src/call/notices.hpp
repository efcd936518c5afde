// Everything that the call tells people, as plain structs; encode.cpp makes JSON of them.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "call/call_mode.hpp"
#include "call/peer.hpp"
#include "chat/message.hpp"
#include "http/api_error.hpp"
#include "room/room.hpp"
#include "sfu/commands.hpp"

namespace server::call {

struct RoomJoined {
  PeerId self;
  Identity who;
  room::Room room;
  std::vector<PeerView> peers;  // the others
  chat::MessagePage messages;   // the latest
  Mode mode = Mode::P2p;
  boost::json::object router_rtp_capabilities;
};
struct LobbyWaiting {
  PeerId self;
};
struct PeerJoined {
  PeerView peer;
};
struct PeerLeft {
  PeerId peer;
  std::string_view reason;  // "left", "disconnected" or "removed"
};
struct PeerUpdated {
  PeerId peer;
  PeerState state;
  std::optional<UserInfo> user;  // when it changed
};
struct PeerReaction {
  PeerId peer;
  std::string emoji;
};
struct PeerTyping {
  PeerId peer;
  bool typing = false;
};
struct RoomMoved {
  Mode mode = Mode::P2p;
  MoveReason reason = MoveReason::Size;
};
struct PathShown {
  PeerId from;
  PeerId target;
  std::string mode;
};
// webrtc:offer, webrtc:answer and webrtc:ice on their way through.
struct Relayed {
  std::string_view event;
  std::string_view field;  // "offer", "answer" or "candidate"
  PeerId from;
  PeerId target;
  boost::json::value content;
};
struct ChatMessage {
  chat::Message message;
  std::string client_id;
};
struct RoomUpdated {
  room::Room room;
  std::size_t peer_count = 0;
};
struct RoomClosed {
  std::string_view reason;  // "ended", "deleted", "removed" or "shutdown"
};
struct HostMuted {
  std::string kind;
};
struct ProducerCreated {
  ProducerView producer;
};
struct ProducerPaused {
  std::string id;
  bool paused = false;  // or resumed
};
struct ProducerClosed {
  std::string id;
};
struct LobbyKnock {
  PeerId peer;
  UserInfo user;
};
struct LobbyLeft {
  PeerId peer;
};
// A failure of something that the client asked for earlier, or UNAUTHORIZED out of the blue.
struct Failure {
  http::ApiError error;
  std::string_view event;  // empty: none in particular
};

using Notice =
    std::variant<RoomJoined, LobbyWaiting, PeerJoined, PeerLeft, PeerUpdated, PeerReaction,
                 PeerTyping, RoomMoved, PathShown, Relayed, ChatMessage, RoomUpdated, RoomClosed,
                 HostMuted, ProducerCreated, ProducerPaused, ProducerClosed, sfu::LayersChanged,
                 sfu::SpeakersChanged, sfu::EncodingsWanted, sfu::QualityMeasured, LobbyKnock,
                 LobbyLeft, Failure>;

// Replies to the one who asked.
struct Done {};
struct ChatStored {
  chat::Message message;
};
struct History {
  chat::MessagePage page;
};
struct MediaJoined {
  sfu::PeerTransports transports;
  boost::json::object router_rtp_capabilities;
  std::vector<ProducerView> producers;  // of the others
};
struct IceRestarted {
  boost::json::object parameters;
};
struct Produced {
  std::string id;
};
struct Consumed {
  sfu::ConsumerInfo consumer;
  PeerId peer;  // whose it is
};
struct MediaStats {
  boost::json::object stats;
};
using Reply = std::variant<Done, RoomJoined, LobbyWaiting, ChatStored, History, MediaJoined,
                           IceRestarted, Produced, Consumed, MediaStats>;

// Where notices go. Ids that are not connected (any more) are ignored.
class Audience {
 public:
  virtual ~Audience() = default;
  virtual void tell(const PeerId& peer, const Notice& notice) = 0;
  // Everyone in the room but `except` (empty: nobody is left out).
  virtual void tell_room(const std::string& room_id, const Notice& notice,
                         const PeerId& except) = 0;
  virtual void enter(const PeerId& peer, const std::string& room_id) = 0;
  virtual void leave(const PeerId& peer, const std::string& room_id) = 0;
  virtual void disconnect(const PeerId& peer) = 0;
  // Its client comes back by itself, as somebody new.
  virtual void drop(const PeerId& peer) = 0;
};

}  // namespace server::call
