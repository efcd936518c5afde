// A Socket.IO server with virtual clients over WebSocket: what the server's tests share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sio/json_text.hpp"
#include "sio/server.hpp"

namespace sio {

using namespace std::chrono_literals;

class ServerTest : public testing::Test {
 protected:
  explicit ServerTest(ServerOptions options = {}) : server(options, random) {
    server.add_namespace("/");
    server.add_namespace("/custom");
  }

  // A client with an open Engine.IO session that has not joined a namespace.
  WebSocketId open() {
    const WebSocketId client = ++last_client;
    server.engine().web_socket_opened(now, client, {"4", "websocket", {}});
    settle();
    heard[client].clear();
    return client;
  }
  // A client that has joined; the socket is the last of `sockets`.
  WebSocketId connect(std::string_view packet = "40") {
    const WebSocketId client = open();
    say(client, packet);
    return client;
  }
  void say(WebSocketId client, std::string_view text) {
    server.engine().web_socket_message(now, client, std::string(text), false);
    settle();
  }
  void say_binary(WebSocketId client, std::string_view data) {
    server.engine().web_socket_message(now, client, std::string(data), true);
    settle();
  }
  void lose(WebSocketId client, std::string_view why = reason::kTransportClose) {
    server.engine().web_socket_closed(client, why);
    settle();
  }
  void emit(const SocketId& to, std::string_view event) {
    server.emit(now, to, event, {});
    settle();
  }
  // Answers the latest asking of a socket.
  bool accept(const SocketId& id) { return server.accept(now, id, asked_by[id]); }
  void refuse(const SocketId& id, std::string_view message,
              const boost::json::object* data = nullptr) {
    server.refuse(id, asked_by[id], message, data);
  }
  void pass(Duration time) {
    const Instant end = now + time;
    while (server.next_timeout() <= end) {
      now = std::max(now, server.next_timeout());
      server.handle_timeout(now);
      settle();
    }
    now = end;
  }

  // Carries out what the server puts out, as a shell would, and notes what there is to see.
  void settle() {
    for (bool is_busy = true; is_busy;) {
      while (auto event = server.poll_event(now)) {
        if (overhears) overhears(*event);
        std::visit([this](auto& one) { on(one); }, *event);
      }
      is_busy = false;
      while (auto output = server.poll_output()) {
        is_busy = true;
        if (auto* writable = std::get_if<Writable>(&*output)) drain(writable->socket);
        if (auto* gone = std::get_if<Dismissed>(&*output)) closed.push_back(gone->socket);
        if (auto* wanted = std::get_if<PingWanted>(&*output); wanted != nullptr && lives)
          server.engine().web_socket_ponged(wanted->socket);
      }
    }
  }
  void drain(WebSocketId client) {
    if (!reads) return;
    std::vector<FrameRef> frames;
    for (server.engine().take(client, frames); !frames.empty();
         server.engine().take(client, frames)) {
      for (const auto& frame : frames) {
        const bool is_ping = frame->payload() == "2";
        if (!is_ping) heard[client].emplace_back(frame->payload());
        if (is_ping && answers_pings) server.engine().web_socket_message(now, client, "3", false);
      }
    }
  }

  void on(SessionOpened&) {}
  void on(SessionEnded&) {}
  void on(ChallengeMet&) {}
  void on(StrayPacket&) { ++strays; }
  void on(ConnectAsked& asked) {
    std::string auth;
    append_json(auth, boost::json::value(asked.auth));
    log.push_back((asked.is_recovery ? "back " : "ask ") + asked.nsp + " " + auth);
    sockets.push_back(asked.socket);
    asked_by[asked.socket] = asked.session;
    if (accepts) accept(asked.socket);
  }
  void on(EventReceived& event) {
    std::string args;
    append_json(args, boost::json::value(event.payload.args));
    log.push_back("event " + event.name + " " + args);
    for (const auto& attachment : event.payload.attachments)
      log.push_back("attached " + attachment);
    last_ack = event.ack;
  }
  void on(AckReceived& ack) {
    std::string args;
    append_json(args, boost::json::value(ack.payload.args));
    log.push_back("ack " + std::to_string(ack.id) + " " + args);
  }
  void on(AckMissed& ack) { log.push_back("missed " + std::to_string(ack.id)); }
  void on(Disconnected& gone) {
    log.push_back("gone " + std::string(gone.reason) + (gone.is_recoverable ? " (kept)" : ""));
  }
  void on(AwayExpired&) { log.emplace_back("expired"); }
  void on(SearchAsked& search) {
    log.push_back("search " + search.nsp);
    searches.push_back(search);
  }

  std::vector<std::string> take_log() { return std::exchange(log, {}); }
  std::vector<std::string> take_heard(WebSocketId client) {
    return std::exchange(heard[client], {});
  }
  bool is_closed(WebSocketId client) const {
    return std::ranges::find(closed, client) != closed.end();
  }
  SocketId socket() const { return sockets.back(); }

  SeededRandom random{7};
  Instant now = Instant::at(1s);
  WebSocketId last_client = 0;
  bool accepts = true;  // every CONNECT at once
  bool answers_pings = true;
  bool lives = true;                                  // whether Ping frames arrive
  bool reads = true;                                  // whether clients take what is sent
  std::function<void(const ServerEvent&)> overhears;  // all that the server tells
  Server server;
  std::map<WebSocketId, std::vector<std::string>> heard;
  std::vector<WebSocketId> closed;
  std::map<SocketId, SessionId> asked_by;
  std::vector<SearchAsked> searches;
  std::vector<SocketId> sockets;  // in the order of asking
  std::vector<std::string> log;
  int strays = 0;  // packets that did nothing
  std::optional<AckId> last_ack;
};

// Three clients; the first two are in the room `red`, the second in `blue` too.
class ThreeClientsTest : public ServerTest {
 protected:
  ThreeClientsTest() : ServerTest({.recovery = true}) {
    for (int i = 0; i < 3; ++i) {
      clients.push_back(connect());
      ids.push_back(socket());
      replies.push_back(take_heard(clients.back()).front());
    }
    server.join(ids[0], "red");
    server.join(ids[1], "red");
    server.join(ids[1], "blue");
    take_log();
  }

  std::vector<WebSocketId> clients;
  std::vector<SocketId> ids;
  std::vector<std::string> replies;  // to their CONNECT
};

using Texts = std::vector<std::string>;

}  // namespace sio
