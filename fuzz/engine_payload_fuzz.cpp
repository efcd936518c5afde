// Engine.IO as a client may abuse it: polling bodies, WebSocket messages and raw WebSocket octets.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "sio/engine_packet.hpp"
#include "sio/server.hpp"
#include "sio/web_socket_decoder.hpp"

namespace {

void require(bool is_so) {
  if (!is_so) std::abort();
}

// What decodes must encode to something that decodes to the same.
void check_payload(std::string_view body) {
  const auto packets = sio::decode_payload(body);
  if (!packets) return;
  std::vector<sio::FrameRef> frames;
  for (const auto& packet : *packets) {
    const std::string type(1, static_cast<char>('0' + static_cast<int>(packet.type)));
    frames.push_back(
        sio::make_frame(packet.binary ? packet.data : type + packet.data, packet.binary));
  }
  const auto again = sio::decode_payload(sio::encode_payload(frames));
  require(again && again->size() == packets->size());
  for (std::size_t i = 0; i < packets->size(); ++i) {
    require((*again)[i].data == (*packets)[i].data && (*again)[i].type == (*packets)[i].type);
  }
}

// However the octets are cut, the same messages and the same end come out.
std::string decode_stream(Bytes octets, std::size_t chunk) {
  sio::WebSocketDecoder decoder(4096);
  std::string told;
  for (std::size_t at = 0; at < octets.size(); at += chunk) {
    decoder.feed(octets.subspan(at, std::min(chunk, octets.size() - at)));
    for (;;) {
      const auto item = decoder.next();
      if (!item) return told + "!" + std::to_string(sio::close_code(item.error()));
      if (!*item) break;
      require((*item)->data.size() <= 4096);
      told += std::to_string(static_cast<int>((*item)->kind)) + (*item)->data + "\n";
    }
  }
  return told;
}

void settle(sio::Server& server, Instant now) {
  for (bool is_busy = true; is_busy;) {
    while (const auto event = server.poll_event(now)) {
      if (const auto* asked = std::get_if<sio::ConnectAsked>(&*event))
        server.accept(now, asked->socket, asked->session);
    }
    is_busy = false;
    while (server.poll_output()) is_busy = true;
  }
}

// A session that polls and one that is told the input as its WebSocket's messages.
void serve(std::string_view body) {
  SeededRandom random(1);
  sio::Server server({.recovery = true}, random);
  server.add_namespace("/");
  Instant now = Instant::at(std::chrono::seconds{1});
  const auto polled =
      server.engine().http(now, 1, {.query = {"4", "polling", {}}, .content_type = {}, .body = {}});
  server.engine().web_socket_opened(now, 2, {"4", "websocket", {}});
  settle(server, now);
  require(polled.has_value());
  for (std::size_t start = 0; start <= body.size();) {
    const std::size_t end = std::min(body.find('\n', start), body.size());
    const std::string line(body.substr(start, end - start));
    const bool is_binary = line.starts_with('b');
    server.engine().web_socket_message(now, 2, is_binary ? line.substr(1) : line, is_binary);
    settle(server, now);
    start = end + 1;
  }
  now = now + std::chrono::minutes{1};
  server.handle_timeout(now);
  settle(server, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes octets(data, size);
  check_payload(text_of(octets));
  require(decode_stream(octets, std::max<std::size_t>(size, 1)) == decode_stream(octets, 1));
  serve(text_of(octets));
  return 0;
}
