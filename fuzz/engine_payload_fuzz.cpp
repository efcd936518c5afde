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

constexpr sio::WebSocketId kFirst = 2;
constexpr sio::WebSocketId kLast = 4;

// A session that polls, and three that are told the lines of the input as their WebSockets'
// messages: the first one, or after `#` and `%` the others. `$` asks for the session of who joined
// last, `!` is a Pong, `-` the end.
class Abuse {
 public:
  Abuse() : server_({.recovery = true}, random_) {
    server_.add_namespace("/");
    const auto polled = server_.engine().http(
        now_, 1, {.query = {"4", "polling", {}}, .content_type = {}, .body = {}});
    require(polled.has_value());
    for (sio::WebSocketId id = kFirst; id <= kLast; ++id) {
      server_.engine().web_socket_opened(now_, id, {"4", "websocket", {}});
    }
    settle();
  }

  void tell(std::string line) {
    const sio::WebSocketId to = line.starts_with('#')   ? kFirst + 1
                                : line.starts_with('%') ? kFirst + 2
                                                        : kFirst;
    if (to != kFirst) line.erase(0, 1);
    if (line == "!") {
      server_.engine().web_socket_ponged(to);
    } else if (line == "-") {
      server_.engine().web_socket_closed(to, sio::reason::kTransportClose);
    } else {
      if (line == "$") line = R"(40{"pid":")" + pid_ + R"(","offset":"1"})";
      const bool is_binary = line.starts_with('b');
      if (is_binary) line.erase(0, 1);
      server_.engine().web_socket_message(now_, to, line, is_binary);
    }
    settle();
  }

  void pass(Duration time) {
    now_ = now_ + time;
    server_.handle_timeout(now_);
    settle();
  }

 private:
  void settle() {
    for (bool is_busy = true; is_busy;) {
      while (const auto event = server_.poll_event(now_)) {
        const auto* asked = std::get_if<sio::ConnectAsked>(&*event);
        if (asked == nullptr) continue;
        server_.accept(now_, asked->socket, asked->session);
        server_.emit(now_, asked->socket, "seen", {});
      }
      is_busy = false;
      while (const auto output = server_.poll_output()) {
        is_busy = true;
        if (const auto* writable = std::get_if<sio::Writable>(&*output)) take(writable->socket);
      }
    }
  }
  void take(sio::WebSocketId socket) {
    std::vector<sio::FrameRef> frames;
    for (server_.engine().take(socket, frames); !frames.empty();
         server_.engine().take(socket, frames)) {
      for (const auto& frame : frames) {
        const auto at = frame->payload().find(R"("pid":")");
        if (at != std::string_view::npos) pid_ = frame->payload().substr(at + 7, 20);
      }
    }
  }

  SeededRandom random_{1};
  Instant now_ = Instant::at(std::chrono::seconds{1});
  sio::Server server_;
  std::string pid_;
};

void serve(std::string_view body) {
  Abuse abuse;
  for (std::size_t start = 0; start <= body.size();) {
    const std::size_t end = std::min(body.find('\n', start), body.size());
    abuse.tell(std::string(body.substr(start, end - start)));
    start = end + 1;
  }
  abuse.pass(std::chrono::seconds{2});
  abuse.pass(std::chrono::minutes{3});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes octets(data, size);
  check_payload(text_of(octets));
  require(decode_stream(octets, std::max<std::size_t>(size, 1)) == decode_stream(octets, 1));
  serve(text_of(octets));
  return 0;
}
