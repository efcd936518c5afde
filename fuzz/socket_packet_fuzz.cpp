// Socket.IO packets of a hostile client: the first line is the text, the rest its attachments.
#include <boost/json/value.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "sio/json_text.hpp"
#include "sio/packet.hpp"

namespace {

void require(bool is_so) {
  if (!is_so) std::abort();
}

std::string text_of(const boost::json::array& args) {
  std::string text;
  sio::append_json(text, boost::json::value(args));
  return text;
}

sio::Frames encoded(const sio::Packet& packet) {
  return packet.type == sio::Packet::Type::Ack
             ? sio::encode_ack(packet.nsp, *packet.id, packet.payload)
             : sio::encode_event(packet.nsp, packet.event, packet.payload, packet.id, {});
}

// What was understood and is sent back must be understood in the same way.
void check_again(const sio::Packet& packet) {
  const bool has_args =
      packet.type == sio::Packet::Type::Event || packet.type == sio::Packet::Type::Ack;
  if (!has_args) return;
  sio::PacketDecoder decoder;
  std::expected<std::optional<sio::Packet>, sio::PacketError> again;
  for (const auto& frame : encoded(packet)) {
    require(frame->binary || frame->payload().starts_with('4'));
    again = frame->binary ? decoder.binary(std::string(frame->payload()))
                          : decoder.text(frame->payload().substr(1));
    require(again.has_value());
  }
  require(again->has_value());
  require((*again)->id == packet.id && (*again)->nsp == packet.nsp);
  require((*again)->event == packet.event);
  require(text_of((*again)->payload.args) == text_of(packet.payload.args));
  require((*again)->payload.attachments == packet.payload.attachments);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(Bytes(data, size));
  sio::PacketDecoder decoder;
  std::size_t start = 0;
  for (bool is_text = true; start <= input.size(); is_text = false) {
    const std::size_t end = std::min(input.find('\n', start), input.size());
    const std::string_view line = input.substr(start, end - start);
    auto packet = is_text ? decoder.text(line) : decoder.binary(std::string(line));
    if (!packet) return 0;
    if (*packet) check_again(**packet);
    start = end + 1;
  }
  return 0;
}
