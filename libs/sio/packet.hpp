// Socket.IO 5 packets: the text of one, the binary attachments after it, and the rules for both.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <limits>
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
  bool is_oversized = false;   // an Event over text_max: its payload was not read
};

// What a packet of a client may take.
struct PacketLimits {
  std::size_t attachments_max = kAttachmentsMax;
  // Octets of a text. A longer event is not parsed but marked as oversized, so that it can be
  // refused by name; any other longer packet is TooLarge.
  std::size_t text_max = std::numeric_limits<std::size_t>::max();
  // Octets of a text and its attachments, kept while more of them are to follow.
  std::size_t unfinished_max = 4 * 1024 * 1024;
};

inline constexpr std::size_t kNamespaceMax = 256;  // octets; its name comes back in every answer

// Every one of them closes the connection.
enum class PacketError : std::uint8_t {
  UnknownType,
  BadAttachments,  // not an integer of 1 to attachments_max
  BadNamespace,    // longer than kNamespaceMax
  TooLarge,        // beyond text_max or unfinished_max
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
  std::expected<std::optional<Packet>, PacketError> text(std::string_view text,
                                                         const PacketLimits& limits = {});
  std::expected<std::optional<Packet>, PacketError> binary(std::string data,
                                                           const PacketLimits& limits = {});

  // Whether attachments are to follow.
  bool is_unfinished() const { return unfinished_.has_value(); }

 private:
  // Kept as it came: JSON values take many times the octets of their text.
  struct Unfinished {
    std::string text;
    std::size_t attachments_expected = 0;
    std::vector<std::string> attachments;
    std::size_t octets = 0;  // of all the above
  };

  std::optional<Unfinished> unfinished_;
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
