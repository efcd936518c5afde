#include "call/encode.hpp"

#include <algorithm>

#include "chat/message_json.hpp"
#include "room/room_json.hpp"

namespace server::call {

namespace {

json::object to_json(const UserInfo& user) {
  return {{"id", user.id}, {"username", user.username}, {"guest", user.guest}, {"host", user.host}};
}

json::object to_json(const PeerState& state) {
  return {{"audio", state.audio},
          {"video", state.video},
          {"screen", state.screen},
          {"handRaised", state.hand_raised}};
}

json::object to_json(const PeerView& peer) {
  return {{"peerId", peer.id}, {"userInfo", to_json(peer.user)}, {"state", to_json(peer.state)}};
}

json::value or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::object to_json(const ProducerView& producer) {
  return {{"producerId", producer.id},           {"peerId", producer.peer},
          {"userId", or_null(producer.user_id)}, {"kind", producer.kind},
          {"paused", producer.paused},           {"appData", {{"source", producer.source}}}};
}

// One overload a notice and reply; a missing one does not compile.
class Encoder {
 public:
  explicit Encoder(const IceServers& ice) : ice_(ice) {}

  Encoded operator()(const RoomJoined& joined) const {
    json::array peers;
    for (const PeerView& peer : joined.peers) peers.push_back(to_json(peer));
    return {"room:joined",
            json::object{{"roomId", joined.room.id},
                         {"peerId", joined.self},
                         {"peers", std::move(peers)},
                         {"room", room::to_json(joined.room, joined.peers.size() + 1)},
                         {"mode", name_of(joined.mode)},
                         {"iceServers", ice_.for_person(joined.who.public_id())},
                         {"routerRtpCapabilities", joined.router_rtp_capabilities},
                         {"messages", chat::to_json(joined.messages.messages)},
                         {"nextCursor", or_null(joined.messages.next_cursor)}}};
  }
  Encoded operator()(const LobbyWaiting& waiting) const {
    return {"lobby:waiting",
            json::object{{"waiting", true},
                         {"peerId", waiting.self}}};  // event and acknowledgement alike
  }
  Encoded operator()(const PeerJoined& joined) const {
    return {"peer:joined", to_json(joined.peer)};
  }
  Encoded operator()(const PeerLeft& left) const {
    return {"peer:left", json::object{{"peerId", left.peer}, {"reason", left.reason}}};
  }
  Encoded operator()(const PeerUpdated& updated) const {
    json::object payload{{"peerId", updated.peer}, {"state", to_json(updated.state)}};
    if (updated.user) payload["userInfo"] = to_json(*updated.user);
    return {"peer:updated", std::move(payload)};
  }
  Encoded operator()(const PeerReaction& reaction) const {
    return {"peer:reaction", json::object{{"peerId", reaction.peer}, {"emoji", reaction.emoji}}};
  }
  Encoded operator()(const PeerTyping& typing) const {
    return {"chat:typing", json::object{{"peerId", typing.peer}, {"typing", typing.typing}}};
  }
  Encoded operator()(const RoomMoved& moved) const {
    return {"room:mode",
            json::object{{"mode", name_of(moved.mode)}, {"reason", name_of(moved.reason)}}};
  }
  Encoded operator()(const PathShown& path) const {
    return {"call:path",
            json::object{
                {"targetPeerId", path.target}, {"mode", path.mode}, {"fromPeerId", path.from}}};
  }
  Encoded operator()(const Relayed& relayed) const {
    return {relayed.event, json::object{{"targetPeerId", relayed.target},
                                        {relayed.field, relayed.content},
                                        {"fromPeerId", relayed.from}}};
  }
  Encoded operator()(const ChatMessage& chat) const {
    return {"chat:message",
            json::object{{"message", chat::to_json(chat.message)}, {"clientId", chat.client_id}}};
  }
  Encoded operator()(const RoomUpdated& updated) const {
    return {"room:updated",
            json::object{{"room", room::to_json(updated.room, updated.peer_count)}}};
  }
  Encoded operator()(const RoomClosed& closed) const {
    return {"room:closed", json::object{{"reason", closed.reason}}};
  }
  Encoded operator()(const HostMuted& muted) const {
    return {"host:muted", json::object{{"kind", muted.kind}}};
  }
  Encoded operator()(const ProducerCreated& created) const {
    return {"sfu:producer-created", to_json(created.producer)};
  }
  Encoded operator()(const ProducerPaused& changed) const {
    return {changed.paused ? "sfu:producer-paused" : "sfu:producer-resumed",
            json::object{{"producerId", changed.id}}};
  }
  Encoded operator()(const ProducerClosed& closed) const {
    return {"sfu:producer-closed", json::object{{"producerId", closed.id}}};
  }
  Encoded operator()(const sfu::LayersChanged& changed) const {
    return {"sfu:layers-changed", json::object{{"consumerId", changed.consumer},
                                               {"spatialLayer", changed.spatial},
                                               {"temporalLayer", changed.temporal}}};
  }
  Encoded operator()(const sfu::SpeakersChanged& changed) const {
    json::array speaking(changed.peers.begin(), changed.peers.end());
    json::object payload{{"peerIds", std::move(speaking)}, {"dominant", nullptr}};
    if (changed.dominant) payload["dominant"] = *changed.dominant;
    return {"sfu:active-speakers", std::move(payload)};
  }
  Encoded operator()(const sfu::EncodingsWanted& wanted) const {
    json::array encodings;
    for (const auto& encoding : wanted.encodings) {
      encodings.push_back({{"rid", encoding.rid}, {"active", encoding.active}});
    }
    return {"sfu:set-encodings",
            json::object{{"producerId", wanted.producer}, {"encodings", std::move(encodings)}}};
  }
  Encoded operator()(const sfu::QualityMeasured& measured) const {
    const sfu::LinkScore& up = measured.uplink;
    const sfu::LinkScore& down = measured.downlink;
    json::object payload{{"peerId", measured.peer},
                         {"uplink", up.score},
                         {"downlink", down.score},
                         {"rttMs", nullptr},
                         {"lossPercent", std::max(up.loss_percent, down.loss_percent)},
                         {"bitrateBps", up.bitrate_bps + down.bitrate_bps},
                         {"availableBps", nullptr}};
    if (down.rtt_ms) payload["rttMs"] = *down.rtt_ms;
    if (down.available_bps) payload["availableBps"] = *down.available_bps;
    return {"sfu:quality", std::move(payload)};
  }
  Encoded operator()(const LobbyKnock& knock) const {
    return {"lobby:knock", json::object{{"peerId", knock.peer}, {"userInfo", to_json(knock.user)}}};
  }
  Encoded operator()(const LobbyLeft& left) const {
    return {"lobby:left", json::object{{"peerId", left.peer}}};
  }
  Encoded operator()(const Failure& failure) const {
    json::object payload = encode_error(failure.error);
    if (!failure.event.empty()) payload["event"] = failure.event;
    return {"error", std::move(payload)};
  }

  Encoded operator()(const Done&) const { return {{}, json::object{}}; }
  Encoded operator()(const ChatStored& stored) const {
    return {{}, json::object{{"message", chat::to_json(stored.message)}}};
  }
  Encoded operator()(const History& history) const {
    return {{},
            json::object{{"messages", chat::to_json(history.page.messages)},
                         {"nextCursor", or_null(history.page.next_cursor)}}};
  }
  Encoded operator()(const MediaJoined& joined) const {
    json::array producers;
    for (const ProducerView& producer : joined.producers) producers.push_back(to_json(producer));
    return {"sfu:joined", json::object{{"sendTransport", joined.transports.send},
                                       {"recvTransport", joined.transports.receive},
                                       {"routerRtpCapabilities", joined.router_rtp_capabilities},
                                       {"producers", std::move(producers)}}};
  }
  Encoded operator()(const IceRestarted& restarted) const {
    return {{}, json::object{{"iceParameters", restarted.parameters}}};
  }
  Encoded operator()(const Produced& produced) const {
    return {{}, json::object{{"producerId", produced.id}}};
  }
  Encoded operator()(const Consumed& consumed) const {
    const sfu::ConsumerInfo& consumer = consumed.consumer;
    return {"sfu:consumer-created", json::object{{"consumerId", consumer.id},
                                                 {"producerId", consumer.producer_id},
                                                 {"peerId", consumed.peer},
                                                 {"kind", consumer.kind},
                                                 {"rtpParameters", consumer.rtp_parameters},
                                                 {"type", consumer.type},
                                                 {"producerPaused", consumer.producer_paused}}};
  }
  Encoded operator()(const MediaStats& stats) const { return {{}, stats.stats}; }

 private:
  const IceServers& ice_;
};

}  // namespace

Encoded encode(const Notice& notice, const IceServers& ice) {
  return std::visit(Encoder(ice), notice);
}
Encoded encode(const Reply& reply, const IceServers& ice) {
  return std::visit(Encoder(ice), reply);
}

json::object encode_error(const http::ApiError& error) {
  json::object encoded{{"code", error.code}, {"message", error.message}};
  if (error.details.empty()) return encoded;
  json::array& details = encoded["details"].emplace_array();
  for (const http::FieldError& detail : error.details) {
    details.push_back(json::object{{"field", detail.field}, {"message", detail.message}});
  }
  return encoded;
}

}  // namespace server::call
