#include <algorithm>

#include "gateway_world.hpp"

namespace server::gateway {

namespace {

using Log = std::vector<std::string>;

// Parts of `{"sid":…,"pid":…}`.
std::string member(const std::string& reply, std::string_view name) {
  return std::string(json::parse(reply.substr(2)).at(name).as_string());
}

class SioGatewayTest : public GatewayWorld {
 public:
  net::awaitable<void> handles_one_event_at_a_time() {
    Client client(io);
    co_await join(client, "40{\"guestName\":\"ada\"}");
    for (int i = 0; i < 3; ++i) co_await client.say("42[\"slow\"," + std::to_string(i) + "]");
    co_await until([&] { return log.size() >= 2; });
    client.cut();
    co_await until([&] { return gateway.connection_count() == 0; });
    EXPECT_EQ(log, (Log{"connect {\"guestName\":\"ada\"}", "begin 0"}));
    gate.open();
    co_await until([&] { return log.size() >= 8; });
    EXPECT_EQ(log, (Log{"connect {\"guestName\":\"ada\"}", "begin 0", "end 0", "begin 1", "end 1",
                        "begin 2", "end 2", "transport close (kept)"}));
  }

  net::awaitable<void> stops_reading_a_congested_session() {
    Client client(io);
    co_await join(client);
    for (int i = 0; i < 500; ++i) co_await client.say("42[\"slow\"," + std::to_string(i) + "]");
    co_await until([&] { return log.size() >= 2; });
    gate.open();
    co_await until([&] { return log.size() >= 1001; });
    for (int i = 0; i < 500; ++i)
      EXPECT_EQ(log[static_cast<std::size_t>(2 + 2 * i)], "end " + std::to_string(i));
  }

  net::awaitable<void> survives_posts_that_are_torn_while_congested() {
    std::string events;
    for (int i = 0; i < 70; ++i)
      events +=
          "\x1e"
          "42[\"slow\"," +
          std::to_string(i) + "]";
    std::deque<PollingClient> clients;
    for (int i = 0; i < 5; ++i) {
      PollingClient& client = clients.emplace_back(io, listener.port());
      const bool is_open = co_await client.open();
      EXPECT_TRUE(is_open);
      co_await client.post("40" + events);
      const std::string taken = co_await client.answer();
      EXPECT_EQ(taken, "ok");
      co_await client.post("42[\"slow\",70]");
    }
    for (PollingClient& client : clients) client.cut();
    co_await until([&] { return connections.count() == 0; });
    gate.open();
    // What a torn POST says is not heard, so that nobody passes the queue by tearing one; its
    // session ends after what it had said before.
    co_await until([&] { return log.size() >= 5 * (1 + 2 * 70 + 1); });
    EXPECT_EQ(std::ranges::count(log, "transport error (kept)"), 5);
    Client other(io);
    co_await join(other);
  }

  net::awaitable<void> refuses_with_message_and_data() {
    Client client(io);
    const std::string reply = co_await join(client);
    EXPECT_EQ(reply, R"(44{"message":"no","data":{"code":"UNAUTHORIZED"}})");
  }

  // Has seen one event; gives the CONNECT by which it comes back.
  net::awaitable<std::string> see(Client& client, const std::string& reply) {
    gateway.emit(member(reply, "sid"), "seen", 1);
    const std::string seen = co_await client.hear();
    const std::string offset(json::parse(seen.substr(2)).as_array().back().as_string());
    co_return R"(40{"pid":")" + member(reply, "pid") + R"(","offset":")" + offset + "\"}";
  }

  net::awaitable<void> recovers() {
    Client first(io);
    const std::string reply = co_await join(first);
    const std::string back = co_await see(first, reply);
    gateway.join(member(reply, "sid"), "room");
    first.cut();
    co_await until([&] { return log.size() == 2; });
    gateway.broadcast("room", "missed", json::object{{"a", 1}});
    Client second(io);
    const std::string missed = co_await join(second, back);
    EXPECT_TRUE(missed.starts_with(R"(42["missed",{"a":1},)")) << missed;
    const std::string again = co_await second.hear();
    EXPECT_EQ(again, reply);
    EXPECT_EQ(log.back(), "recover {}");
  }

  net::awaitable<void> recovers_though_lost_on_the_way() {
    Client first(io);
    const std::string reply = co_await join(first);
    const std::string back = co_await see(first, reply);
    first.cut();
    co_await until([&] { return log.size() == 2; });
    Client second(io);
    co_await second.open(listener.port());
    co_await second.say(back);
    co_await until([&] { return log.size() == 3; });
    second.cut();
    co_await until([&] { return gateway.connection_count() == 0; });
    Client third(io);
    co_await third.open(listener.port());
    co_await third.say(back);
    co_await third.ping();
    co_await third.hear();  // the pong: by now it has been asked for
    gate.open();
    const std::string again = co_await third.hear();
    EXPECT_EQ(again, reply);
    co_await third.say("421[\"here\"]");
    co_await third.hear();
    EXPECT_EQ(log, (Log{"connect {}", "transport close (kept)", "recover", "transport close (kept)",
                        "recover", "here[]"}));
  }

  net::awaitable<void> connects_anew() {
    Client first(io);
    const std::string reply = co_await join(first);
    const std::string back = co_await see(first, reply);
    first.cut();
    co_await until([&] { return log.size() == 2; });
    Client second(io);
    const std::string other = co_await join(second, back);
    EXPECT_NE(member(other, "sid"), member(reply, "sid"));
    EXPECT_EQ(log, (Log{"connect {}", "transport close (kept)", "expired", "connect {}"}));
  }

  net::awaitable<void> a_live_connection_keeps_its_session() {
    Client first(io);
    const std::string reply = co_await join(first);
    const std::string back = co_await see(first, reply);
    first.cut();
    co_await until([&] { return log.size() == 2; });
    Client second(io);
    co_await join(second, back);
    Client copy(io);
    co_await copy.open(listener.port());
    co_await copy.say(back);
    const std::string ping = co_await second.hear();
    EXPECT_EQ(ping, "");
    co_await second.pong();
    const std::string other = co_await copy.hear();
    EXPECT_NE(member(other, "sid"), member(reply, "sid"));
    co_await second.say("421[\"here\"]");
    co_await second.hear();
    EXPECT_EQ(log.back(), "here[]");
  }

  net::awaitable<void> disconnects_for_good() {
    Client client(io);
    const std::string reply = co_await join(client);
    gateway.emit(member(reply, "sid"), "error", json::object{{"code", "UNAUTHORIZED"}});
    gateway.disconnect(member(reply, "sid"));
    const std::string error = co_await client.hear();
    EXPECT_TRUE(error.starts_with(R"(42["error",{"code":"UNAUTHORIZED"},)")) << error;
    const std::string goodbye = co_await client.hear();
    EXPECT_EQ(goodbye, "41");
    const std::string end = co_await client.hear();
    EXPECT_EQ(end, "closed");
    EXPECT_EQ(log.back(), "server namespace disconnect");
  }

  net::awaitable<void> drains() {
    Client client(io);
    co_await join(client);
    gateway.drain();
    const std::string end = co_await client.hear();
    EXPECT_EQ(end, "closed");
    co_await until([&] { return log.back() == "server shutting down (kept)"; });
    Client late(io);
    const unsigned status = co_await late.open(listener.port());
    EXPECT_EQ(status, 503U);
  }

  // A CONNECT that is not answered is asked again at the next server, with the same proof.
  net::awaitable<void> answers_nobody_when_it_no_longer_listens() {
    Client client(io);
    const unsigned status = co_await client.open(listener.port());
    EXPECT_EQ(status, 101U);
    gateway.stop_listening();
    co_await client.say("40");
    co_await client.ping();
    const std::string pong = co_await client.hear();
    EXPECT_EQ(pong, "");
    gateway.drain();
    const std::string end = co_await client.hear();
    EXPECT_EQ(end, "closed");
    EXPECT_TRUE(log.empty());
  }

  net::awaitable<void> survives_a_throwing_handler() {
    Client client(io);
    Client other(io);
    co_await join(client);
    co_await join(other);
    co_await client.say("42[\"throw\"]");
    const std::string goodbye = co_await client.hear();
    EXPECT_EQ(goodbye, "41");
    co_await other.say("421[\"fine\"]");
    const std::string ack = co_await other.hear();
    EXPECT_EQ(ack, R"(431[{"ok":true}])");
  }

  // Makes `slow` wait at the gate.
  void make_events_slow() {
    handlers.on_event = [this](ClientEvent event) -> net::awaitable<void> {
      const std::string which = json::serialize(event.args.at(0));
      log.push_back("begin " + which);
      co_await gate.passed();
      log.push_back("end " + which);
    };
  }

  Gate gate{io};
};

TEST_F(SioGatewayTest, HandlesTheEventsOfASocketOneAtATimeAndThenItsEnd) {
  make_events_slow();
  run(handles_one_event_at_a_time());
}

TEST_F(SioGatewayTest, LosesNoEventOfACongestedSession) {
  make_events_slow();
  run(stops_reading_a_congested_session());
}

// The request awaits relief in a frame that its abort destroys; the sanitizer would see it used.
TEST_F(SioGatewayTest, SurvivesPostsThatAreTornWhileTheSessionIsCongested) {
  make_events_slow();
  run(survives_posts_that_are_torn_while_congested());
}

TEST_F(SioGatewayTest, RefusesWithMessageAndData) {
  handlers.on_connect =
      [](SocketId, const Handshake&) -> net::awaitable<std::expected<void, ConnectRefused>> {
    co_return std::unexpected(ConnectRefused{"no", {{"code", "UNAUTHORIZED"}}});
  };
  run(refuses_with_message_and_data());
}

TEST_F(SioGatewayTest, TakesUpALostConnection) { run(recovers()); }

TEST_F(SioGatewayTest, TakesUpOneThatWasLostAgainWhileItWasChecked) {
  handlers.on_recover =
      [this](SocketId, const Handshake&) -> net::awaitable<std::expected<void, ConnectRefused>> {
    log.emplace_back("recover");
    co_await gate.passed();
    co_return std::expected<void, ConnectRefused>{};
  };
  run(recovers_though_lost_on_the_way());
}

TEST_F(SioGatewayTest, GivesNoSessionToACopyOfALiveClient) {
  run(a_live_connection_keeps_its_session());
}

TEST_F(SioGatewayTest, ARecoveryThatThrowsBecomesANewConnection) {
  handlers.on_recover =
      [](SocketId, const Handshake&) -> net::awaitable<std::expected<void, ConnectRefused>> {
    throw std::runtime_error("a bug");
    co_return std::expected<void, ConnectRefused>{};
  };
  run(connects_anew());
}

TEST_F(SioGatewayTest, DisconnectsAfterWhatWasEmitted) { run(disconnects_for_good()); }
TEST_F(SioGatewayTest, DrainsAndRefusesNewConnections) { run(drains()); }

TEST_F(SioGatewayTest, AnswersNobodyWhenItNoLongerListens) {
  run(answers_nobody_when_it_no_longer_listens());
}

TEST_F(SioGatewayTest, AnEventThatThrowsCostsItsOwnClientAlone) {
  handlers.on_event = [this](ClientEvent event) -> net::awaitable<void> {
    if (event.name == "throw") throw std::runtime_error("a bug");
    gateway.acknowledge(event.socket, *event.ack, {{"ok", true}});
    co_return;
  };
  run(survives_a_throwing_handler());
}

class LimitedGateway : public GatewayWorld {
 public:
  LimitedGateway() : GatewayWorld(limited()) {}

  static GatewayOptions limited() {
    GatewayOptions options;
    options.door.allows_origin = [](std::string_view origin) { return origin == "https://ours"; };
    options.door.refuse =
        [](const http::Request& request) -> net::awaitable<std::optional<http::Response>> {
      if (request.header("X-Flood").empty()) co_return std::nullopt;
      http::Response response;
      response.status = 429;
      co_return response;
    };
    return options;
  }

  net::awaitable<void> limits_events() {
    Client client(io);
    co_await join(client);
    for (int i = 0; i < 400; ++i) co_await client.say("42[\"e\"]");
    co_await client.say("427[\"e\"]");
    const std::string error = co_await client.hear();
    EXPECT_TRUE(error.starts_with(R"(42["error",{"code":"RATE_LIMITED","message":)")) << error;
    EXPECT_NE(error.find(R"("event":"e")"), std::string::npos);
    std::string ack = error;
    while (!ack.starts_with("437")) ack = co_await client.hear();
    EXPECT_TRUE(ack.starts_with(R"(437[{"error":{"code":"RATE_LIMITED",)")) << ack;
  }

  net::awaitable<void> guards_the_door() {
    const std::pair<std::string, unsigned> cases[] = {{"Origin: https://evil\r\n", 403},
                                                      {"Origin: null\r\n", 403},
                                                      {"Origin: https://ours\r\n", 101},
                                                      {"", 101},
                                                      {"X-Flood: 1\r\n", 429}};
    for (const auto& [headers, expected] : cases) {
      Client client(io);
      const unsigned status = co_await client.open(listener.port(), headers);
      EXPECT_EQ(status, expected) << headers;
    }
  }
};

TEST_F(LimitedGateway, RefusesTooManyEvents) { run(limits_events()); }
TEST_F(LimitedGateway, AsksOriginAndRateLimitAtTheHandshake) { run(guards_the_door()); }

class FullGateway : public GatewayWorld {
 public:
  explicit FullGateway(GatewayOptions options) : GatewayWorld(std::move(options)) {}

  // Two may come; the third is told `status` until one of them goes.
  net::awaitable<void> takes_two(unsigned status) {
    Client first(io);
    Client second(io);
    Client third(io);
    co_await join(first);
    co_await join(second);
    const unsigned refused = co_await third.open(listener.port());
    EXPECT_EQ(refused, status);
    first.cut();
    co_await until([&] { return gateway.connection_count() == 1; });
    Client fourth(io);
    co_await join(fourth);
  }
};

class GatewayOfTwo : public FullGateway {
 public:
  GatewayOfTwo() : FullGateway({.sessions_max = 2}) {}
};
class GatewayOfTwoAnAddress : public FullGateway {
 public:
  GatewayOfTwoAnAddress() : FullGateway({.sessions_per_address_max = 2}) {}
};

TEST_F(GatewayOfTwo, IsFullForTheThird) { run(takes_two(503)); }
TEST_F(GatewayOfTwoAnAddress, LimitsAnAddress) { run(takes_two(429)); }

}  // namespace

}  // namespace server::gateway
