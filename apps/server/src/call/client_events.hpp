// Every event that a client may send, as plain structs (docs/protocol/signalling.md).
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "call/peer.hpp"
#include "call/sfu_events.hpp"

namespace server::call {

namespace json = boost::json;

struct JoinRoom {
  static constexpr std::string_view kEvent = "join:room";
  std::string room_code;
};
struct LeaveRoom {
  static constexpr std::string_view kEvent = "leave:room";
};
struct UpdatePeer {
  static constexpr std::string_view kEvent = "peer:update";
  std::optional<bool> audio;
  std::optional<bool> video;
  std::optional<bool> screen;
  std::optional<bool> hand_raised;
};
struct React {
  static constexpr std::string_view kEvent = "peer:reaction";
  std::string emoji;
};
struct ShowPath {
  static constexpr std::string_view kEvent = "call:path";
  PeerId target;
  std::string mode;  // "p2p" or "sfu"
};
struct RequestSfu {
  static constexpr std::string_view kEvent = "room:request-sfu";
  PeerId target;  // whom peer to peer did not reach
};
// The insides of offer, answer and candidate are the browsers' business: relayed unread.
struct SendOffer {
  static constexpr std::string_view kEvent = "webrtc:offer";
  PeerId target;
  json::value offer;
};
struct SendAnswer {
  static constexpr std::string_view kEvent = "webrtc:answer";
  PeerId target;
  json::value answer;
};
struct SendIce {
  static constexpr std::string_view kEvent = "webrtc:ice";
  PeerId target;
  json::value candidate;  // null: no more
};
struct SendChat {
  static constexpr std::string_view kEvent = "chat:send";
  std::string content;
  std::string client_id;
};
struct ReadHistory {
  static constexpr std::string_view kEvent = "chat:history";
  std::optional<std::string> before;
  int limit = 50;
};
struct Typing {
  static constexpr std::string_view kEvent = "chat:typing";
  bool typing = false;
};
struct MutePeer {
  static constexpr std::string_view kEvent = "host:mute";
  PeerId target;
  std::string kind = "audio";  // "audio", "video" or "screen"
};
struct RemovePeer {
  static constexpr std::string_view kEvent = "host:remove";
  PeerId target;
};
struct AdmitPeer {
  static constexpr std::string_view kEvent = "host:admit";
  PeerId target;
};
struct DenyPeer {
  static constexpr std::string_view kEvent = "host:deny";
  PeerId target;
};
struct TransferHost {
  static constexpr std::string_view kEvent = "host:transfer";
  PeerId target;
};
struct EndCall {
  static constexpr std::string_view kEvent = "host:end";
};
struct ChooseMode {
  static constexpr std::string_view kEvent = "host:mode";
  std::string mode;  // "p2p" or "sfu"
};

using ClientEvent =
    std::variant<JoinRoom, LeaveRoom, UpdatePeer, React, ShowPath, RequestSfu, SendOffer,
                 SendAnswer, SendIce, SendChat, ReadHistory, Typing, MutePeer, RemovePeer,
                 AdmitPeer, DenyPeer, TransferHost, EndCall, ChooseMode, JoinMedia,
                 ConnectTransport, RestartIce, Produce, PauseProducer, ResumeProducer,
                 CloseProducer, Consume, PauseConsumer, ResumeConsumer, CloseConsumer,
                 RequestKeyFrame, PreferLayers, ReadMediaStats>;

}  // namespace server::call
