// MessagePack as notepack.io writes it, which Socket.IO servers in Node tell each other things in.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sio {

inline constexpr std::size_t kMsgpackValuesMax = 100'000;

// Binary values are attachments, and have placeholders in the value, as in a packet.
struct Unpacked {
  boost::json::value value;
  std::vector<std::string> attachments;
};

// A time becomes the text that JSON.stringify makes of it. nullopt: not MessagePack, not the whole
// of `bytes`, text that is not UTF-8, an unknown extension, nested deeper than kJsonDepthMax, more
// than kMsgpackValuesMax values or kAttachmentsMax binary ones.
std::optional<Unpacked> unpack_msgpack(std::string_view bytes);

// A placeholder of no attachment is an object like any other.
std::string pack_msgpack(const boost::json::value& value, std::span<const std::string> attachments);

}  // namespace sio
