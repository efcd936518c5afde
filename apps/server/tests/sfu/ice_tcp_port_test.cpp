#include "sfu/ice_tcp_port.hpp"

#include <poll.h>

#include <deque>
#include <memory>
#include <string>

#include "tcp_client.hpp"

namespace {

using namespace std::chrono_literals;
using server::sfu::IceTcpPort;
using server::sfu::testing::TcpClient;

class IceTcpPortTest : public ::testing::Test {
 protected:
  // Lets the port work until `done` holds.
  template <class Condition>
  void serve_until(Condition done) {
    for (int turns = 0; !done() && turns < 1000; ++turns) {
      pollfd ready{.fd = port.descriptor(), .events = POLLIN, .revents = 0};
      poll(&ready, 1, 5);
      port.receive(now, receiver);
    }
    EXPECT_TRUE(done());
  }

  Instant now = Instant::at(1s);
  IceTcpPort port{IpAddress::parse("127.0.0.1"), 0};
  std::vector<std::pair<rtc::Path, std::string>> packets;
  std::vector<rtc::Path> closed;
  IceTcpPort::Receiver receiver{
      .on_packet = [this](const rtc::Path& from,
                          MutableBytes packet) { packets.emplace_back(from, text_of(packet)); },
      .on_closed = [this](const rtc::Path& from) { closed.push_back(from); }};
};

TEST_F(IceTcpPortTest, CarriesPacketsBothWaysOnEveryConnection) {
  TcpClient one(port.port());
  TcpClient other(port.port());
  one.send(bytes_of("from one"));
  other.send(bytes_of("from the other"));
  serve_until([&] { return packets.size() == 2; });
  EXPECT_NE(packets[0].first.connection, packets[1].first.connection);
  EXPECT_NE(packets[0].first.connection, 0U);
  for (const auto& [path, text] : packets)
    EXPECT_TRUE(port.send(now, path, bytes_of("to " + text)));
  EXPECT_EQ(text_of(one.receive()), "to from one");
  EXPECT_EQ(text_of(other.receive()), "to from the other");
}

TEST_F(IceTcpPortTest, TakesPacketsInPiecesAndSeveralAtOnce) {
  TcpClient client(port.port());
  const std::string stream("\0\3abc\0\0\0\2de", 11);
  for (const char octet : stream) {
    client.send_raw(bytes_of(std::string_view(&octet, 1)));
    port.receive(now, receiver);
  }
  client.send_raw(bytes_of(stream));
  serve_until([&] { return packets.size() == 4; });
  EXPECT_EQ(packets[0].second, "abc");
  EXPECT_EQ(packets[1].second, "de");
  EXPECT_EQ(packets[3].second, "de");
}

TEST_F(IceTcpPortTest, ClosesWhoBreaksTheFraming) {
  TcpClient client(port.port());
  client.send_raw(bytes_of("\xff\xff rubbish"));
  serve_until([&] { return closed.size() == 1; });
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(port.connection_count(), 0U);
  EXPECT_FALSE(port.send(now, closed[0], bytes_of("x")));
}

TEST_F(IceTcpPortTest, ClosesWhoIsNotWantedAndKeepsWhoIs) {
  TcpClient silent(port.port());
  TcpClient wanted(port.port());
  wanted.send(bytes_of("check"));
  serve_until([&] { return packets.size() == 1 && port.connection_count() == 2; });
  ASSERT_TRUE(port.send(now, packets[0].first, bytes_of("answer")));
  EXPECT_EQ(port.next_timeout(), now + IceTcpPort::kUnproven);
  now = now + IceTcpPort::kUnproven;
  port.handle_timeout(now, receiver);
  EXPECT_EQ(port.connection_count(), 1U);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_NE(closed[0], packets[0].first);
  EXPECT_TRUE(silent.is_closed());
  EXPECT_EQ(text_of(wanted.receive()), "answer");
}

TEST_F(IceTcpPortTest, ClosesWhoIsNotWantedAnyMore) {
  TcpClient client(port.port());
  client.send(bytes_of("check"));
  serve_until([&] { return packets.size() == 1; });
  for (int i = 0; i < 10; ++i) {  // checks are answered for as long as there is a transport
    ASSERT_TRUE(port.send(now, packets[0].first, bytes_of("answer")));
    now = now + (IceTcpPort::kSilent - 1s);
    port.handle_timeout(now, receiver);
    ASSERT_EQ(port.connection_count(), 1U);
  }
  client.send(bytes_of("rubbish keeps nothing open"));
  serve_until([&] { return packets.size() == 2; });
  EXPECT_LE(port.next_timeout(), now + 1s);
  now = now + 1s;
  port.handle_timeout(now, receiver);
  EXPECT_EQ(port.connection_count(), 0U);
  EXPECT_EQ(closed.size(), 1U);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(port.next_timeout(), Instant::never());
}

TEST_F(IceTcpPortTest, ClosesAConnectionWhoseTransportEnded) {
  TcpClient client(port.port());
  client.send(bytes_of("check"));
  serve_until([&] { return packets.size() == 1; });
  ASSERT_TRUE(port.send(now, packets[0].first, bytes_of("farewell")));
  port.end(packets[0].first.connection, receiver);
  port.end(packets[0].first.connection, receiver);
  EXPECT_EQ(port.connection_count(), 0U);
  EXPECT_EQ(closed.size(), 1U);
  EXPECT_EQ(text_of(client.receive()), "farewell");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(IceTcpPortTest, OneAddressTakesNotAllTheRoom) {
  std::deque<TcpClient> clients;
  for (std::size_t i = 0; i < IceTcpPort::kPerNetworkMax; ++i) clients.emplace_back(port.port());
  serve_until([&] { return port.connection_count() == IceTcpPort::kPerNetworkMax; });
  TcpClient one_too_many(port.port());
  serve_until([&] { return port.refused() == 1; });
  EXPECT_TRUE(one_too_many.is_closed());
  TcpClient neighbour(port.port(), "127.0.0.2");
  neighbour.send(bytes_of("check"));
  serve_until([&] { return packets.size() == 1; });
  EXPECT_EQ(packets[0].first.remote.address, IpAddress::parse("127.0.0.2"));
  // Who leaves makes room.
  clients.pop_back();
  serve_until([&] { return closed.size() == 1; });
  TcpClient next(port.port());
  next.send(bytes_of("check"));
  serve_until([&] { return packets.size() == 2; });
}

TEST_F(IceTcpPortTest, TellsOfAConnectionThatTheClientCloses) {
  auto client = std::make_unique<TcpClient>(port.port());
  client->send(bytes_of("x"));
  serve_until([&] { return packets.size() == 1; });
  client.reset();
  serve_until([&] { return closed.size() == 1; });
  EXPECT_EQ(closed[0], packets[0].first);
}

TEST_F(IceTcpPortTest, ASlowReaderLosesPacketsAndDelaysNobody) {
  TcpClient slow(port.port());
  TcpClient other(port.port());
  slow.send(bytes_of("slow"));
  serve_until([&] { return packets.size() == 1; });
  other.send(bytes_of("other"));
  serve_until([&] { return packets.size() == 2; });
  const std::string big(1200, 'x');
  std::size_t taken = 0;
  while (port.send(now, packets[0].first, bytes_of(big))) ASSERT_LT(++taken, 100'000U);
  EXPECT_TRUE(port.send(now, packets[1].first, bytes_of("still")));
  EXPECT_EQ(text_of(other.receive()), "still");
  // Whole packets alone are lost: what was taken arrives.
  std::size_t arrived = 0;
  serve_until([&] {
    for (; arrived < taken && slow.receive().size() == big.size(); ++arrived) {
      if (arrived % 16 == 0) port.receive(now, receiver);
    }
    return arrived == taken;
  });
  EXPECT_TRUE(port.send(now, packets[0].first, bytes_of("again")));
}

}  // namespace
