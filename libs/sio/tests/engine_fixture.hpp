// An Engine.IO server driven by bytes and a virtual clock: what its tests share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sio/engine_server.hpp"

namespace sio {

using namespace std::chrono_literals;
using Method = EngineRequest::Method;

// A server and everything it has put out, by whom it was for.
class Engine : public testing::Test {
 protected:
  explicit Engine(EngineOptions options = {.ping_interval = 300ms, .ping_timeout = 200ms})
      : server(options, random) {}

  RequestId request(Method method, EngineQuery query, std::string body = {},
                    std::string content_type = "text/plain;charset=UTF-8") {
    server.http(now, ++last_id,
                {method, std::move(query), std::move(content_type), std::move(body)});
    settle();
    return last_id;
  }
  RequestId get(const std::string& sid) { return request(Method::Get, polling(sid)); }
  RequestId post(const std::string& sid, std::string body) {
    return request(Method::Post, polling(sid), std::move(body));
  }
  static EngineQuery polling(std::optional<std::string> sid = {}) { return {"4", "polling", sid}; }
  static EngineQuery web_socket(std::optional<std::string> sid = {}) {
    return {"4", "websocket", sid};
  }

  std::string open_by_polling() {
    const auto id = request(Method::Get, polling());
    return sid_of(answers.at(id).body);
  }
  WebSocketId open_socket(EngineQuery query) {
    server.web_socket_opened(now, ++last_id, query);
    settle();
    return last_id;
  }
  void hear(WebSocketId socket, std::string text, bool binary = false) {
    server.web_socket_message(now, socket, std::move(text), binary);
    settle();
  }
  WebSocketId upgrade(const std::string& sid) {
    const auto socket = open_socket(web_socket(sid));
    hear(socket, "2probe");
    hear(socket, "5");
    sent[socket].clear();
    return socket;
  }
  void say(SessionId to, std::string_view text) {
    server.send(to, make_frame("4" + std::string(text), false));
    settle();
  }
  void challenge() {
    server.challenge(session);
    settle();
  }
  void pong(WebSocketId socket) {
    server.web_socket_ponged(socket);
    settle();
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

  void settle() {
    while (auto output = server.poll_output()) {
      if (auto* answered = std::get_if<Answered>(&*output)) {
        answers[answered->request] = answered->answer;
      } else if (auto* writable = std::get_if<Writable>(&*output)) {
        drain(writable->socket);
      } else if (auto* wanted = std::get_if<PingWanted>(&*output)) {
        pinged.push_back(wanted->socket);
      } else {
        dismissed.push_back(std::get<Dismissed>(*output).socket);
      }
    }
    while (auto event = server.poll_event()) {
      if (auto* opened = std::get_if<SessionOpened>(&*event)) session = opened->session;
      if (auto* message = std::get_if<MessageReceived>(&*event)) {
        messages.emplace_back((message->binary ? "b:" : "t:") + message->data);
      }
      if (auto* ended = std::get_if<SessionEnded>(&*event)) ends.emplace_back(ended->reason);
      if (std::holds_alternative<ChallengeMet>(*event)) ++met;
    }
  }
  void drain(WebSocketId socket) {
    if (!reads) return;
    std::vector<FrameRef> frames;
    for (server.take(socket, frames); !frames.empty(); server.take(socket, frames)) {
      for (const auto& frame : frames) sent[socket].emplace_back(frame->payload());
    }
  }

  static std::string sid_of(const std::string& open) {
    const auto start = open.find("\"sid\":\"") + 7;
    return open.substr(start, open.find('"', start) - start);
  }
  bool is_dismissed(WebSocketId socket) const {
    return std::ranges::find(dismissed, socket) != dismissed.end();
  }
  void expect_error(RequestId id, unsigned status, std::string_view body) {
    ASSERT_TRUE(answers.contains(id));
    EXPECT_EQ(answers[id].status, status);
    EXPECT_EQ(answers[id].body, body);
    EXPECT_EQ(answers[id].content_type, "application/json");
  }

  SeededRandom random{1};
  Instant now = Instant::at(1s);
  std::uint64_t last_id = 0;
  bool reads = true;  // whether WebSocket clients take what is sent
  EngineServer server;
  std::map<RequestId, HttpAnswer> answers;
  std::map<WebSocketId, std::vector<std::string>> sent;
  std::vector<WebSocketId> dismissed;
  std::vector<WebSocketId> pinged;
  int met = 0;  // challenges
  std::vector<std::string> messages;
  std::vector<std::string> ends;
  SessionId session = 0;  // the last one opened
};

inline constexpr std::string_view kBadRequest = R"({"code":3,"message":"Bad request"})";
inline constexpr std::string_view kUnknownSession = R"({"code":1,"message":"Session ID unknown"})";

}  // namespace sio
