// Engine.IO 4 packets, alone in a WebSocket message or joined in a body of HTTP long polling.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sio/frame.hpp"

namespace sio {

struct EnginePacket {
  enum class Type : std::uint8_t { Open, Close, Ping, Pong, Message, Upgrade, Noop };
  Type type = Type::Message;
  bool binary = false;  // Messages alone
  std::string data;
};

// One text message of a WebSocket; nullopt when it is empty or of an unknown type.
std::optional<EnginePacket> decode_packet(std::string_view text);

// The packets of a polling body, joined by 0x1e, binary ones as `b` and base64. nullopt when one
// of them is malformed or the body is not UTF-8.
std::optional<std::vector<EnginePacket>> decode_payload(std::string_view body);

// How many packets a polling body has, without reading them.
std::size_t packet_count(std::string_view body);

// The body that carries these frames to a polling client.
std::string encode_payload(std::span<const FrameRef> frames);

}  // namespace sio
