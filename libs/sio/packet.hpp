// Socket.IO 5 packets: the text of one, the binary attachments after it, and the rules for both.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sio/frame.hpp"

namespace sio {

using AckId = std::uint64_t;  // below 2^53, as JavaScript counts

inline constexpr std::size_t kAttachmentsMax = 10;

// JSON in which `{"_placeholder":true,"num":i}` stands for attachment i.
struct Payload {
  boost::json::array args;
  std::vector<std::string> attachments;
};

struct Packet {
  enum class Type : std::uint8_t { Connect, Disconnect, Event, Ack, ConnectError };
  Type type = Type::Event;
  std::string nsp = "/";
  std::optional<AckId> id;
  std::string event;           // name of an Event
  boost::json::object object;  // payload of a Connect
  Payload payload;             // of an Event (after its name) and an Ack
};

// Every one of them closes the connection.
enum class PacketError : std::uint8_t {
  UnknownType,
  BadAttachments,  // not an integer of 1 to 10
  TextWhilePending,
  UnexpectedBinary,
  BadPlaceholder,  // `num` out of range
  BadPayload,      // no JSON, too deep, of the wrong type, missing, or where none may be
  BadEventName,    // missing, neither string nor number, or reserved
  BadAckId,
  NotForClients,  // CONNECT_ERROR
};

// The name of an event as its packet gives it; nullopt: it may not be one.
std::optional<std::string> event_name(const boost::json::value& value);
// Whether all placeholders in there name one of `count` attachments.
bool has_good_placeholders(const boost::json::value& value, std::size_t count);

// Puts the packets of one client together.
class PacketDecoder {
 public:
  // The whole packet; nullopt while attachments are to follow.
  std::expected<std::optional<Packet>, PacketError> text(std::string_view text);
  std::expected<std::optional<Packet>, PacketError> binary(std::string data);

 private:
  std::optional<Packet> pending_;
  std::size_t attachments_ = 0;  // how many the pending packet has in the end
};

// What a packet is made of on its way out; one frame for the text and one for each attachment.
// The frames carry the Engine.IO packet type as well.
using Frames = std::vector<FrameRef>;

// `offset`, when not empty, is added as the last argument (connection state recovery).
Frames encode_event(std::string_view nsp, std::string_view event, const Payload& payload,
                    std::optional<AckId> id, std::string_view offset);
Frames encode_ack(std::string_view nsp, AckId id, const Payload& payload);
// CONNECT, DISCONNECT and CONNECT_ERROR; `object` null: no payload.
FrameRef encode_control(Packet::Type type, std::string_view nsp, const boost::json::object* object);

}  // namespace sio
