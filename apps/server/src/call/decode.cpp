#include "call/decode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "call/sfu_decode.hpp"
#include "http/json.hpp"

namespace server::call {

namespace {

using http::FieldReader;

constexpr std::size_t kSdpMax = 65'536;       // octets
constexpr std::size_t kCandidateMax = 2'048;  // octets, as JSON
constexpr std::size_t kEmojiMax = 64;         // octets: joined emoji with skin tones have up to 41
constexpr std::array<std::string_view, 4> kSources{"mic", "camera", "screen", "screen-audio"};

PeerId target(FieldReader& in, std::string_view field) {
  std::string id = in.text(field);
  if (id.size() > 64) in.refuse(field, "is no peer id");
  return id;
}

std::string one_of(FieldReader& in, std::string_view field, std::string value,
                   std::initializer_list<std::string_view> choices) {
  if (std::ranges::find(choices, value) == choices.end())
    in.refuse(field, "is none of the values allowed here");
  return value;
}

JoinRoom read(FieldReader& in, JoinRoom*) { return {in.text("roomCode")}; }
LeaveRoom read(FieldReader&, LeaveRoom*) { return {}; }
EndCall read(FieldReader&, EndCall*) { return {}; }

UpdatePeer read(FieldReader& in, UpdatePeer*) {
  return {in.optional_boolean("audio"), in.optional_boolean("video"), in.optional_boolean("screen"),
          in.optional_boolean("handRaised")};
}

React read(FieldReader& in, React*) {
  React event{in.text("emoji")};
  if (event.emoji.empty() || event.emoji.size() > kEmojiMax)
    in.refuse("emoji", "must be one emoji");
  return event;
}

ShowPath read(FieldReader& in, ShowPath*) {
  return {target(in, "targetPeerId"), one_of(in, "mode", in.text("mode"), {"p2p", "sfu"})};
}

RequestSfu read(FieldReader& in, RequestSfu*) { return {target(in, "peerId")}; }

// `sources` of a description: at most one entry a media section.
bool are_sources(const json::value& value) {
  const json::object* sources = value.if_object();
  return sources != nullptr && sources->size() <= 64 &&
         std::ranges::all_of(*sources, [](const auto& entry) {
           const json::string* source = entry.value().if_string();
           return entry.key().size() <= 16 && source != nullptr &&
                  std::ranges::find(kSources, std::string_view(*source)) != kSources.end();
         });
}

json::value description(FieldReader& in, std::string_view field) {
  const json::object& value = in.object(field);
  const json::value* type = value.if_contains("type");
  const json::value* sdp = value.if_contains("sdp");
  const json::value* sources = value.if_contains("sources");
  const bool has_type = type != nullptr && type->is_string() && type->get_string() == field;
  if (!has_type) in.refuse(field, fmt::format("must have the type \"{}\"", field));
  if (sdp == nullptr || !sdp->is_string()) {
    in.refuse(field, "must have an sdp");
  } else if (sdp->get_string().size() > kSdpMax) {
    in.refuse(field, fmt::format("must have an sdp of at most {} octets", kSdpMax));
  }
  if (sources != nullptr && !are_sources(*sources)) {
    in.refuse(field, "must have sources of mic, camera, screen or screen-audio by mid");
  }
  const std::size_t known =
      std::size_t{type != nullptr} + std::size_t{sdp != nullptr} + std::size_t{sources != nullptr};
  if (value.size() != known) in.refuse(field, "may have type, sdp and sources alone");
  return value;
}

SendOffer read(FieldReader& in, SendOffer*) {
  return {target(in, "targetPeerId"), description(in, "offer")};
}
SendAnswer read(FieldReader& in, SendAnswer*) {
  return {target(in, "targetPeerId"), description(in, "answer")};
}

SendIce read(FieldReader& in, SendIce*) {
  SendIce event{target(in, "targetPeerId"), nullptr};
  const json::value* candidate = in.any("candidate");
  const bool is_candidate =
      candidate != nullptr && (candidate->is_null() || candidate->is_object());
  if (!is_candidate) {
    in.refuse("candidate", "must be an object or null");
  } else if (json::serialize(*candidate).size() > kCandidateMax) {
    in.refuse("candidate", fmt::format("must have at most {} octets", kCandidateMax));
  } else {
    event.candidate = *candidate;
  }
  return event;
}

SendChat read(FieldReader& in, SendChat*) { return {in.text("content"), in.text("clientId")}; }

ReadHistory read(FieldReader& in, ReadHistory*) {
  return {in.optional_text("before"),
          static_cast<int>(in.optional_integer("limit", 1, 100).value_or(50))};
}

Typing read(FieldReader& in, Typing*) { return {in.boolean("typing")}; }

MutePeer read(FieldReader& in, MutePeer*) {
  MutePeer event{target(in, "peerId")};
  if (auto kind = in.optional_text("kind")) {
    event.kind = one_of(in, "kind", std::move(*kind), {"audio", "video", "screen"});
  }
  return event;
}

RemovePeer read(FieldReader& in, RemovePeer*) { return {target(in, "peerId")}; }
AdmitPeer read(FieldReader& in, AdmitPeer*) { return {target(in, "peerId")}; }
DenyPeer read(FieldReader& in, DenyPeer*) { return {target(in, "peerId")}; }
TransferHost read(FieldReader& in, TransferHost*) { return {target(in, "peerId")}; }
ChooseMode read(FieldReader& in, ChooseMode*) {
  return {one_of(in, "mode", in.text("mode"), {"p2p", "sfu"})};
}

http::ApiError no_object() { return http::invalid_field("payload", "must be one object"); }

// `is_null`: the payload was null, which only an event without fields may have.
template <class... Events>
http::Result<ClientEvent> decode_any(std::string_view name, const json::object& payload,
                                     bool is_null, std::variant<Events...>*) {
  http::Result<ClientEvent> result =
      std::unexpected(http::invalid_field("event", "is not known here"));
  const auto attempt = [&]<class Event>(Event* tag) {
    if (name != Event::kEvent) return false;
    if (is_null && !std::is_empty_v<Event>) {
      result = std::unexpected(no_object());
      return true;
    }
    FieldReader in(payload);
    Event event = read(in, tag);
    if (auto error = in.finish()) {
      result = std::unexpected(std::move(*error));
    } else {
      result = ClientEvent{std::move(event)};
    }
    return true;
  };
  (attempt(static_cast<Events*>(nullptr)) || ...);
  return result;
}

}  // namespace

http::Result<ClientEvent> decode(std::string_view event, const json::array& args) {
  static const json::object kNothing;
  const bool has_payload = args.size() == 1 && args[0].is_object();
  const bool is_null = args.size() == 1 && args[0].is_null();
  if (!has_payload && !is_null && !args.empty()) return std::unexpected(no_object());
  return decode_any(event, has_payload ? args[0].get_object() : kNothing, is_null,
                    static_cast<ClientEvent*>(nullptr));
}

}  // namespace server::call
