#include "sfu/udp_port.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <system_error>

#include "udp_client.hpp"

namespace server::sfu {
namespace {

using testing::UdpClient;

const IpAddress kLoopback = *IpAddress::parse("127.0.0.1");

// Datagrams to one receiver: all of one size but for the last, so that they make one run.
void fill(rtc::Outbox& out, const rtc::Path& path, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = i + 1 < count ? 200 : 50;
    MutableBytes room = out.reserve();
    std::ranges::fill(room.first(size), static_cast<std::uint8_t>(i + 1));
    out.commit(path, size);
  }
}

void expect_all(UdpClient& receiver, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto datagram = receiver.receive();
    ASSERT_EQ(datagram.size(), i + 1 < count ? 200U : 50U);
    EXPECT_EQ(datagram.front(), i + 1);
    EXPECT_EQ(datagram.back(), i + 1);
  }
}

TEST(UdpPort, SendsARunInOneCall) {
  UdpPort port(kLoopback, 0);
  UdpClient receiver(AF_INET, port.port());
  rtc::Outbox out(8);
  fill(out, {.remote = {kLoopback, receiver.own_port()}, .local = kLoopback}, 5);
  port.send(out.ready());
  expect_all(receiver, 5);
  EXPECT_EQ(port.sent().datagrams, 5U);
  EXPECT_EQ(port.sent().calls, 1U);
  EXPECT_TRUE(port.is_segmenting());
}

TEST(UdpPort, KeepsTheOrderToEachReceiverWhereTheyTakeTurns) {
  UdpPort port(kLoopback, 0);
  UdpClient ada(AF_INET, port.port());
  UdpClient bob(AF_INET, port.port());
  rtc::Outbox out(8);
  std::uint8_t number = 0;
  const auto put = [&](const UdpClient& to, std::size_t size) {
    std::ranges::fill(out.reserve().first(size), ++number);
    out.commit({.remote = {kLoopback, to.own_port()}, .local = kLoopback}, size);
  };
  for (const std::size_t size : {200, 200}) put(ada, size);
  put(bob, 200);
  for (const std::size_t size : {200, 100, 200}) put(ada, size);  // nothing follows a shorter one
  put(bob, 50);
  port.send(out.ready());
  const auto expect = [](UdpClient& at, std::uint8_t first, std::size_t size) {
    const auto datagram = at.receive();
    ASSERT_EQ(datagram.size(), size);
    EXPECT_EQ(datagram.front(), first);
    EXPECT_EQ(datagram.back(), first);
  };
  expect(ada, 1, 200);
  expect(ada, 2, 200);
  expect(ada, 4, 200);
  expect(ada, 5, 100);
  expect(ada, 6, 200);
  expect(bob, 3, 200);
  expect(bob, 7, 50);
  EXPECT_EQ(port.sent().datagrams, 7U);
  EXPECT_EQ(port.sent().calls, 3U);
}

// The kernel by itself would choose 127.0.0.1, from where a connected socket takes nothing.
TEST(UdpPort, AnswersFromTheAddressThatWasWrittenTo) {
  const auto second = IpAddress::parse("127.0.0.2");
  for (const auto& listen : {std::optional<IpAddress>(), second}) {
    UdpPort port(listen, 0);
    UdpClient client(AF_INET, port.port(), "127.0.0.2");
    for (int round = 0; round < 2; ++round) {
      client.send(bytes_of("question"));
      const auto came = port.receive();
      ASSERT_EQ(came.size(), 1U);
      EXPECT_EQ(came[0].to, *second);
      rtc::Outbox out(8);
      fill(out, {.remote = came[0].from, .local = came[0].to}, 3);
      port.send(out.ready());
      expect_all(client, 3);
      EXPECT_TRUE(port.send(came[0].from, came[0].to, bytes_of("answer")));
      EXPECT_EQ(client.receive().size(), 6U);
    }
  }
}

// A path whose MTU is smaller than the datagrams is refused by the kernel, and no other.
TEST(UdpPort, OneReceiverWithASmallMtuCostsOthersNoSegmentation) {
  const IpAddress loopback = *IpAddress::parse("::1");
  std::optional<UdpPort> port;
  try {
    port.emplace(loopback, std::uint16_t{0});
  } catch (const std::system_error&) {
    return;  // a machine without IPv6
  }
  const int mtu = 1280;
  ASSERT_EQ(setsockopt(port->descriptor(), IPPROTO_IPV6, IPV6_MTU, &mtu, sizeof mtu), 0);
  UdpClient small(AF_INET6, port->port());
  UdpClient other(AF_INET6, port->port());
  constexpr std::size_t kTooLong = 1400;
  for (std::uint64_t round = 1; round <= 3; ++round) {
    rtc::Outbox out(16);
    for (std::uint8_t i = 0; i < 4; ++i) {
      std::ranges::fill(out.reserve().first(kTooLong), i);
      out.commit({.remote = {loopback, small.own_port()}, .local = loopback}, kTooLong);
    }
    fill(out, {.remote = {loopback, other.own_port()}, .local = loopback}, 5);
    const std::uint64_t calls = port->sent().calls;
    port->send(out.ready());
    for (std::uint8_t i = 0; i < 4; ++i) {
      const auto datagram = small.receive();
      ASSERT_EQ(datagram.size(), kTooLong);
      EXPECT_EQ(datagram.front(), i);
    }
    expect_all(other, 5);
    EXPECT_TRUE(port->is_segmenting());
    EXPECT_EQ(port->sent().calls, calls + 4 + 1) << "one by one to the first, one run to the other";
    EXPECT_EQ(port->sent().datagrams, round * 9);
    EXPECT_EQ(port->sent().dropped, 0U);
  }
}

// A socket without checksums is one that the kernel refuses to split for.
TEST(UdpPort, SendsOneByOneWhereTheKernelDoesNotSplit) {
  UdpPort port(kLoopback, 0);
  const int on = 1;
  ASSERT_EQ(setsockopt(port.descriptor(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
  UdpClient receiver(AF_INET, port.port());
  rtc::Outbox out(8);
  for (int round = 0; round < 2; ++round) {
    out.clear();
    fill(out, {.remote = {kLoopback, receiver.own_port()}, .local = kLoopback}, 5);
    port.send(out.ready());
    expect_all(receiver, 5);
  }
  EXPECT_EQ(port.sent().datagrams, 10U);
  EXPECT_EQ(port.sent().calls, 10U);
  EXPECT_EQ(port.sent().dropped, 0U);
}

TEST(UdpPort, CountsWhatFoundNoRoom) {
  UdpPort port(kLoopback, 0);
  UdpClient sender(AF_INET, port.port());
  const std::vector<std::uint8_t> datagram(1200);
  constexpr std::uint64_t kSent = 20'000;  // more octets than any buffer asked for has
  for (std::uint64_t i = 0; i < kSent; ++i) sender.send(datagram);
  std::uint64_t received = 0;
  while (const std::size_t some = port.receive().size()) received += some;
  ASSERT_LT(received, kSent);
  sender.send(datagram);  // tells of those that were lost before it
  ASSERT_EQ(port.receive().size(), 1U);
  EXPECT_EQ(port.overflows(), kSent - received);
}

}  // namespace
}  // namespace server::sfu
