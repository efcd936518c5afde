#include "call/call_events.hpp"

#include "base/display_name.hpp"
#include "base/text.hpp"
#include "call/access.hpp"
#include "call/decode.hpp"
#include "call/encode.hpp"
#include "gateway/refusal.hpp"
#include "telemetry/log.hpp"

namespace server::call {

namespace {

// The name that a guest gave; nullopt when it is none of 1 to 40 characters. One that may not be
// shown to others is kept as it is: may_enter() refuses it, so that its owner learns why.
std::optional<std::string> guest_name(const json::object& auth) {
  const json::value* value = auth.if_contains("guestName");
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const std::string_view given = value->get_string();
  auto name = checked_display_name(given, kGuestNameMax);
  if (name) return std::move(*name);
  const bool is_none =
      name.error() == DisplayNameError::Empty || name.error() == DisplayNameError::TooLong;
  if (is_none) return std::nullopt;
  return std::string(trim(given));
}

}  // namespace

void GatewayAudience::tell(const PeerId& peer, const Notice& notice) {
  const Encoded encoded = encode(notice, ice_);
  gateway_->emit(peer, encoded.event, encoded.payload);
}

void GatewayAudience::tell_room(const std::string& room_id, const Notice& notice,
                                const PeerId& except) {
  const Encoded encoded = encode(notice, ice_);
  // Ten times a second in a lively talk, and soon out of date.
  if (std::holds_alternative<sfu::SpeakersChanged>(notice)) {
    return gateway_->broadcast_fleeting(room_id, encoded.event, encoded.payload);
  }
  gateway_->broadcast(room_id, encoded.event, encoded.payload,
                      except.empty() ? std::span<const PeerId>() : std::span(&except, 1));
}

void GatewayAudience::enter(const PeerId& peer, const std::string& room_id) {
  gateway_->join(peer, room_id);
}
void GatewayAudience::leave(const PeerId& peer, const std::string& room_id) {
  gateway_->leave(peer, room_id);
}
void GatewayAudience::disconnect(const PeerId& peer) { gateway_->disconnect(peer); }
void GatewayAudience::drop(const PeerId& peer) { gateway_->drop(peer); }

gateway::Handlers CallEvents::handlers(gateway::Gateway& gateway) {
  return {
      .on_connect =
          [this](PeerId peer, const gateway::Handshake& handshake) {
            return connect(std::move(peer), handshake);
          },
      .on_recover =
          [this](PeerId peer, const gateway::Handshake& handshake) {
            return recover(std::move(peer), handshake);
          },
      .on_event = [this, &gateway](
                      gateway::ClientEvent event) { return handle(gateway, std::move(event)); },
      .on_disconnect =
          [this](const PeerId& peer, const gateway::Disconnect& end) {
            if (end.recoverable) {
              parts_.call.away(peer);
            } else {
              const bool on_purpose = end.reason == "client namespace disconnect";
              parts_.calls.disconnect(peer, on_purpose ? "left" : "disconnected");
            }
          },
      .on_expired = [this](const PeerId& peer) { parts_.calls.disconnect(peer, "disconnected"); },
  };
}

net::awaitable<http::Result<std::optional<Identity>>> CallEvents::identify(
    const gateway::Handshake& handshake) {
  auto principal = co_await parts_.auth.identify(handshake.request);
  if (!principal) co_return std::unexpected(std::move(principal.error()));
  const std::string address = handshake.request.client.to_string();
  if (*principal) {
    http::Principal& user = **principal;
    co_return Identity{
        std::move(user.user_id), {}, std::move(user.username), std::move(user.sid), address};
  }
  if (auto name = guest_name(handshake.auth)) {
    co_return Identity{
        std::nullopt, "guest-" + parts_.random.url_safe(16), std::move(*name), {}, address};
  }
  co_return std::nullopt;
}

// A cookie that is not valid is let in, told, and sent away: the stock client shows an `error`
// event to the page, where a refused CONNECT would make it try again and again.
net::awaitable<std::expected<void, gateway::ConnectRefused>> CallEvents::connect(
    PeerId peer, const gateway::Handshake& handshake) {
  auto who = co_await identify(handshake);
  if (who) {
    parts_.calls.connect(peer, std::move(*who));
  } else if (who.error().status == 401) {
    parts_.calls.connect(peer, std::nullopt);
    parts_.audience.tell(peer, Failure{who.error(), {}});
    parts_.audience.disconnect(peer);
  } else {
    co_return std::unexpected(
        gateway::ConnectRefused{who.error().message, encode_error(who.error())});
  }
  co_return std::expected<void, gateway::ConnectRefused>{};
}

net::awaitable<std::expected<void, gateway::ConnectRefused>> CallEvents::recover(
    PeerId peer, const gateway::Handshake& handshake) {
  auto who = co_await identify(handshake);
  if (who && co_await parts_.call.returned(peer, std::move(*who))) {
    co_return std::expected<void, gateway::ConnectRefused>{};
  }
  co_return std::unexpected(gateway::ConnectRefused{"the session cannot be taken up again", {}});
}

net::awaitable<void> CallEvents::handle(gateway::Gateway& gateway, gateway::ClientEvent event) {
  auto decoded = decode(event.name, event.args);
  http::Result<Reply> reply = Done{};
  // Who may not speak at all learns that, whatever it says.
  if (auto known = require_identity(parts_.calls, event.socket); !known) {
    reply = std::unexpected(known.error());
  } else if (!decoded) {
    reply = std::unexpected(decoded.error());
  } else {
    try {
      reply = co_await ask(event.socket, std::move(*decoded));
    } catch (const std::exception& error) {
      log::error("event failed", {{"event", event.name}, {"error", error.what()}});
      reply = http::fail(500, "INTERNAL_ERROR", "something went wrong here");
    }
  }

  if (reply) {
    const Encoded encoded = encode(*reply, parts_.ice);
    if (event.ack) {
      gateway.acknowledge(event.socket, *event.ack, encoded.payload);
      greet(event.socket, *reply);
    } else if (!encoded.event.empty()) {
      gateway.emit(event.socket, encoded.event, encoded.payload);
    }
    co_return;
  }
  gateway::refuse_event(gateway, event, encode_error(reply.error()));
  if (reply.error().code == "UNAUTHORIZED") gateway.disconnect(event.socket);
}

// A client takes up a lost session by the offset of the last event that it saw, and an
// acknowledgement has none: without this, somebody alone in a room or at its door could not come
// back as the same.
void CallEvents::greet(const PeerId& peer, const Reply& reply) {
  const bool is_in = std::holds_alternative<RoomJoined>(reply);
  if (!is_in && !std::holds_alternative<LobbyWaiting>(reply)) return;
  const Connection* connection = parts_.calls.find(peer);
  const auto room = connection == nullptr ? nullptr : parts_.calls.find_room(connection->room_id);
  if (room != nullptr) parts_.audience.tell(peer, RoomUpdated{room->info, room->members.size()});
}

net::awaitable<http::Result<Reply>> CallEvents::ask(const PeerId& peer, ClientEvent event) {
  // Named, since a lambda in std::visit that is a coroutine would outlive its captures.
  struct Asker {
    Parts& parts;
    const PeerId& peer;
    using Answer = net::awaitable<http::Result<Reply>>;

    static Answer now(http::Result<Reply> reply) { co_return reply; }

    Answer operator()(JoinRoom& e) { return parts.call.join(peer, std::move(e.room_code)); }
    Answer operator()(LeaveRoom&) { return now(parts.call.leave(peer)); }
    Answer operator()(UpdatePeer& e) { return now(parts.peers.update(peer, e)); }
    Answer operator()(React& e) { return now(parts.peers.react(peer, e)); }
    Answer operator()(ShowPath& e) { return now(parts.peers.show_path(peer, e)); }
    Answer operator()(RequestSfu& e) { return now(parts.peers.request_sfu(peer, e)); }
    Answer operator()(SendOffer& e) { return relay("webrtc:offer", "offer", e.target, e.offer); }
    Answer operator()(SendAnswer& e) {
      return relay("webrtc:answer", "answer", e.target, e.answer);
    }
    Answer operator()(SendIce& e) {
      return relay("webrtc:ice", "candidate", e.target, e.candidate);
    }
    Answer operator()(SendChat& e) { return parts.peers.send_chat(peer, std::move(e)); }
    Answer operator()(ReadHistory& e) { return parts.peers.read_history(peer, std::move(e)); }
    Answer operator()(Typing& e) { return now(parts.peers.typing(peer, e)); }
    Answer operator()(MutePeer& e) { return now(parts.host.mute(peer, e)); }
    Answer operator()(RemovePeer& e) { return parts.host.remove(peer, std::move(e)); }
    Answer operator()(AdmitPeer& e) { return parts.host.admit(peer, std::move(e)); }
    Answer operator()(DenyPeer& e) { return now(parts.host.deny(peer, e, parts.now())); }
    Answer operator()(TransferHost& e) { return parts.host.transfer(peer, std::move(e)); }
    Answer operator()(EndCall&) { return now(parts.host.end(peer)); }
    Answer operator()(ChooseMode& e) { return now(parts.host.choose_mode(peer, e)); }

    Answer operator()(JoinMedia& e) { return parts.media.join(peer, std::move(e)); }
    Answer operator()(ConnectTransport& e) { return now(parts.media.connect(peer, e)); }
    Answer operator()(RestartIce& e) { return parts.media.restart_ice(peer, std::move(e)); }
    Answer operator()(Produce& e) { return parts.media.produce(peer, std::move(e)); }
    Answer operator()(PauseProducer& e) { return now(parts.media.pause(peer, e)); }
    Answer operator()(ResumeProducer& e) { return now(parts.media.resume(peer, e)); }
    Answer operator()(CloseProducer& e) { return now(parts.media.close(peer, e)); }
    Answer operator()(Consume& e) { return parts.media.consume(peer, std::move(e)); }
    Answer operator()(PauseConsumer& e) { return now(parts.media.pause(peer, e)); }
    Answer operator()(ResumeConsumer& e) { return now(parts.media.resume(peer, e)); }
    Answer operator()(CloseConsumer& e) { return now(parts.media.close(peer, e)); }
    Answer operator()(RequestKeyFrame& e) { return now(parts.media.request_key_frame(peer, e)); }
    Answer operator()(PreferLayers& e) { return now(parts.media.prefer_layers(peer, e)); }
    Answer operator()(ReadMediaStats&) { return parts.media.stats(peer); }

    Answer relay(std::string_view name, std::string_view field, PeerId& target,
                 json::value& content) {
      return now(
          parts.peers.relay(peer, {name, field, peer, std::move(target), std::move(content)}));
    }
  };
  co_return co_await std::visit(Asker{parts_, peer}, event);
}

}  // namespace server::call
