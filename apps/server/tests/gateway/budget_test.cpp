// What one client, or all of one address, can make the server do and hold is bounded.
#include <algorithm>
#include <chrono>

#include "gateway_world.hpp"

namespace server::gateway {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class GatewayBudget : public GatewayWorld {
 public:
  explicit GatewayBudget(http::AddressLimits limits = {})
      : GatewayWorld(GatewayOptions{}, limits) {}

  std::size_t heard(std::string_view event) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(log, [&](const std::string& one) { return one.starts_with(event); }));
  }

  net::awaitable<void> connects_again_and_again() {
    Client client(io);
    const auto start = Clock::now();
    co_await client.open(listener.port());
    std::string reply;
    for (int round = 0; round < 8; ++round) {
      co_await client.say("40");
      do reply = co_await client.hear();
      while (!reply.starts_with("40") && !reply.starts_with("44"));
      if (reply.starts_with("44")) break;
      for (int i = 0; i < 80; ++i) co_await client.say("42[\"e\"]");
      co_await client.say("41");
    }
    EXPECT_NE(reply.find("RATE_LIMITED"), std::string::npos) << reply;
    EXPECT_GE(heard("e["), 80U);
    EXPECT_LE(static_cast<double>(log.size()), 2 * (100 + 50 * seconds_since(start)));
    EXPECT_GE(gateway.refusals().event_rate, 1U);
  }

  // `packet` again and again, until the server has had enough.
  net::awaitable<void> floods(std::string packet) {
    Client client(io);
    Client bystander(io);
    co_await join(client);
    co_await join(bystander);
    for (int i = 0; i < 3'000; ++i) co_await client.say(packet);
    for (std::string text; text != "closed";) text = co_await client.hear();
    co_await until([&] { return heard("forced server close") == 1; });
    EXPECT_EQ(gateway.refusals().refusal_rate, 1U);
    EXPECT_GE(gateway.refusals().event_rate, 1'000U);
    co_await bystander.say("421[\"fine\"]");
    const std::string ack = co_await bystander.hear();
    EXPECT_EQ(ack, R"(431[{"ok":true}])");
  }

  net::awaitable<void> sends_too_large_an_event() {
    Client client(io);
    co_await join(client);
    const std::string large(300'000, 'x');
    co_await client.say("427[\"chat:send\",\"" + large + "\"]");
    const std::string ack = co_await client.hear();
    EXPECT_TRUE(ack.starts_with(R"(437[{"error":{"code":"VALIDATION_ERROR",)")) << ack;
    co_await client.say("42[\"chat:send\",\"" + large + "\"]");
    const std::string error = co_await client.hear();
    EXPECT_NE(error.find(R"("event":"chat:send")"), std::string::npos) << error;
    co_await client.say("42[\"" + large + "\"]");
    const std::string nameless = co_await client.hear();
    EXPECT_NE(nameless.find(R"("event":"")"), std::string::npos) << nameless;
    EXPECT_EQ(gateway.refusals().event_octets, 3U);
    EXPECT_EQ(log.size(), 1U);  // the connect
  }

  net::awaitable<void> names_come_back_cut() {
    Client client(io);
    co_await join(client);
    co_await client.say("42[\"" + std::string(50'000, 'x') + "\"]");
    const std::string error = co_await client.hear();
    EXPECT_NE(error.find("\"" + std::string(64, 'x') + "\""), std::string::npos);
    EXPECT_LT(error.size(), 300U);
  }

  // They all arrive, but no sooner than the rate allows.
  net::awaitable<void> sends_many_octets() {
    Client client(io);
    co_await join(client);
    const auto start = Clock::now();
    const std::string offer(100'000, 'x');
    for (int i = 0; i < 14; ++i) co_await client.say("42[\"offer\",\"" + offer + "\"]");
    co_await until([&] { return heard("offer") == 14; });
    EXPECT_GE(seconds_since(start), (13 * 100'000 - 1024 * 1024) / (128.0 * 1024));
    EXPECT_GE(gateway.refusals().octet_rate, 1U);
    EXPECT_EQ(gateway.refusals().event_rate, 0U);
  }

  net::awaitable<void> asks_without_reading() {
    Client client(io);
    client.take_little();
    co_await join(client);
    for (int i = 0; i < 90; ++i) co_await client.say("42" + std::to_string(i) + "[\"history\"]");
    const auto budget = addresses.budget_of(*IpAddress::parse("127.0.0.1"));
    co_await until([&] { return gateway.refusals().unread_octets > 0; });
    // Others are served on meanwhile.
    Client bystander(io);
    co_await join(bystander);
    co_await bystander.say("421[\"small\"]");
    const std::string small = co_await bystander.hear();
    EXPECT_EQ(small, R"(431[{"ok":true}])");
    EXPECT_LE(budget->held, 256U * 1024 + kAnswer + 1'000);
    for (int i = 0; i < 90; ++i) {
      const std::string answer = co_await client.hear();
      EXPECT_TRUE(answer.starts_with("43" + std::to_string(i) + "[")) << i;
      EXPECT_LE(budget->held, 256U * 1024 + kAnswer + 1'000);
    }
    co_await until([&] { return budget->held == 0; });
  }

  // Each event is answered with many octets.
  void answer_at_length() {
    handlers.on_event = [this](ClientEvent event) -> net::awaitable<void> {
      const json::value answer{{"ok", true}};
      const bool is_large = event.name == "history";
      gateway.acknowledge(event.socket, *event.ack,
                          is_large ? json::value(json::string(kAnswer, 'x')) : answer);
      co_return;
    };
  }

  static constexpr std::size_t kAnswer = 200'000;
};

TEST_F(GatewayBudget, AnotherConnectDoesNotBeginTheEventRateAnew) {
  run(connects_again_and_again());
}
TEST_F(GatewayBudget, ClosesAClientThatGoesOnThoughItsEventsAreRefused) {
  run(floods("42[\"e\"]"));
}
TEST_F(GatewayBudget, ClosesAClientThatFloodsAcknowledgementsNobodyAskedFor) {
  run(floods("431[]"));
}
TEST_F(GatewayBudget, ClosesAClientThatFloodsNamespaces) { run(floods("40/none")); }
TEST_F(GatewayBudget, RefusesAnEventThatIsTooLargeByName) { run(sends_too_large_an_event()); }
TEST_F(GatewayBudget, CutsTheNameOfAnEventThatItRefuses) {
  handlers.on_event = [this](ClientEvent event) -> net::awaitable<void> {
    refuse_event(gateway, event, {{"code", "VALIDATION_ERROR"}, {"message", "no"}});
    co_return;
  };
  run(names_come_back_cut());
}
TEST_F(GatewayBudget, ReadsAClientThatSendsManyOctetsMoreSlowly) { run(sends_many_octets()); }
TEST_F(GatewayBudget, BuildsNoMoreAnswersForAClientThatDoesNotReadThem) {
  answer_at_length();
  run(asks_without_reading());
}

// Octets enough for one body of a POST and not for two, and few connections.
class SmallAddress : public GatewayBudget {
 public:
  SmallAddress() : GatewayBudget({.connections_max = 3, .octets_max = 1'500'000}) {}

  static std::string post(std::string_view sid, std::size_t size) {
    return "POST /socket.io/?EIO=4&transport=polling&sid=" + std::string(sid) +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  }

  // The sid of a new session that polls.
  net::awaitable<std::string> open_polling() {
    Client client(io);
    co_await client.send(
        listener.port(),
        "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string answer = co_await client.read_until("}");
    const std::size_t start = answer.find("\"sid\":\"") + 7;
    co_return answer.substr(start, answer.find('"', start) - start);
  }

  net::awaitable<void> posts_to_nobody() {
    Client client(io);
    co_await client.send(listener.port(), post(std::string(20, 'x'), 900'000));
    const std::string answer = co_await client.read_until("}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
    EXPECT_NE(answer.find(R"({"code":1,"message":"Session ID unknown"})"), std::string::npos);
    EXPECT_EQ(gateway.engine_refusals().unknown_session, 1U);
  }

  net::awaitable<void> begins_two_large_bodies() {
    const std::string first_sid = co_await open_polling();
    const std::string second_sid = co_await open_polling();
    Client first(io);
    Client second(io);
    const auto budget = addresses.budget_of(*IpAddress::parse("127.0.0.1"));
    co_await first.send(listener.port(), post(first_sid, 900'000));
    co_await until([&] { return budget->held >= 900'000; });
    co_await second.send(listener.port(), post(second_sid, 900'000));
    const std::string answer = co_await second.read_until("}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 429")) << answer;
    EXPECT_NE(answer.find("Retry-After"), std::string::npos) << answer;
    EXPECT_EQ(addresses.refusals().octets, 1U);
    first.cut();
    co_await until([&] { return budget->held == 0; });
  }

  net::awaitable<void> begins_two_large_messages() {
    Client first(io);
    Client second(io);
    co_await join(first);
    co_await join(second);
    const auto budget = addresses.budget_of(*IpAddress::parse("127.0.0.1"));
    // A frame of 900 000 octets, of which the last never comes.
    const std::string head{'\x81', '\xFF', 0, 0, 0, 0, 0, '\x0D', '\xBB', '\xA0', 0, 0, 0, 0};
    const std::string part = head + std::string(899'999, 'x');
    co_await first.send(listener.port(), part);
    co_await until([&] { return budget->held >= 899'999; });
    co_await second.send(listener.port(), part);
    const std::string end = co_await second.hear();
    EXPECT_EQ(end, "closed");
    EXPECT_EQ(addresses.refusals().octets, 1U);
    first.cut();
    co_await until([&] { return budget->held == 0; });
  }

  net::awaitable<void> opens_too_many_connections() {
    Client web_socket(io);
    Client idle(io);
    Client half(io);
    Client fourth(io);
    co_await join(web_socket);
    co_await idle.send(listener.port(), "");
    co_await half.send(listener.port(), "GET / HT");
    co_await fourth.send(listener.port(), "");
    const std::string nothing = co_await fourth.read_until("}");
    EXPECT_EQ(nothing, "");
    EXPECT_EQ(addresses.refusals().connections, 1U);
    web_socket.cut();  // it counts though it is no HTTP connection any more
    co_await until([&] { return gateway.connection_count() == 0; });
    const std::string sid = co_await open_polling();
    EXPECT_EQ(sid.size(), 20U);
  }
};

TEST_F(SmallAddress, APostToNobodyIsRefusedAfterItsHead) { run(posts_to_nobody()); }
TEST_F(SmallAddress, HoldsNoMoreBodiesThanItMay) { run(begins_two_large_bodies()); }
TEST_F(SmallAddress, HoldsNoMoreUnfinishedMessagesThanItMay) { run(begins_two_large_messages()); }
TEST_F(SmallAddress, HasNoMoreConnectionsThanItMay) { run(opens_too_many_connections()); }

class ManySockets : public GatewayBudget {
 public:
  static constexpr std::size_t kSockets = 64;

  // Offsets by which a lost client can come back: as many as its log has events.
  net::awaitable<void> share_what_is_kept() {
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<SocketId> sockets;
    for (std::size_t i = 0; i < kSockets; ++i) {
      clients.push_back(std::make_unique<Client>(io));
      const std::string reply = co_await join(*clients.back());
      sockets.emplace_back(json::parse(reply.substr(2)).at("sid").as_string());
    }
    const auto budget = addresses.budget_of(*IpAddress::parse("127.0.0.1"));
    const json::value text(json::string(10'000, 'x'));
    for (int i = 0; i < 60; ++i) {
      for (const SocketId& socket : sockets) gateway.emit(socket, "e", text);
      co_await until([&] { return budget->held == 0; });
    }
    std::size_t octets = 0;
    for (const SocketId& socket : sockets) {
      for (const auto& entry : gateway.save(socket, {})->log.entries()) {
        octets += entry.frame->bytes.size();
      }
    }
    EXPECT_LE(octets, 24U * 1024 * 1024);  // of 38; the n-th may keep an n-th of 8 MiB
    EXPECT_GE(gateway.save(sockets.front(), {})->log.entries().size(), 20U);
    EXPECT_GE(gateway.save(sockets.back(), {})->log.entries().size(), 10U);
  }
};

TEST_F(ManySockets, OfOneAddressShareWhatIsKeptForTheirReturn) { run(share_what_is_kept()); }

}  // namespace

}  // namespace server::gateway
