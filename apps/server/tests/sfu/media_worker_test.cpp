#include "sfu/media_worker.hpp"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>

#include "rtc/stun/stun_builder.hpp"
#include "rtc/stun/stun_view.hpp"
#include "tcp_client.hpp"
#include "udp_client.hpp"

namespace {

using server::sfu::MediaWorker;
using server::sfu::testing::eventually;
using Client = server::sfu::testing::UdpClient;

std::vector<std::uint8_t> binding_request() {
  std::vector<std::uint8_t> buffer(64);
  rtc::StunBuilder builder(buffer, rtc::StunClass::Request, rtc::kStunBinding, {1, 2, 3});
  const Bytes datagram = builder.finish({.key = {}, .fingerprint = false});
  return {datagram.begin(), datagram.end()};
}

// This thread, and those that it starts, are on a kernel without epoll_pwait2 from now on.
bool forget_epoll_pwait2() {
  std::array filter{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(MediaWorker, TellsClientsOfBothFamiliesTheirAddress) {
  MediaWorker worker({});
  ASSERT_NE(worker.port(), 0);
  int served = 0;
  for (const int family : {AF_INET, AF_INET6}) {
    Client client(family, worker.port());
    if (!client.connected()) continue;  // a machine without IPv6
    const auto answer = client.ask(binding_request());
    const auto view = rtc::StunView::parse(answer);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->message_class, rtc::StunClass::Success);
    EXPECT_EQ(view->transaction, (rtc::TransactionId{1, 2, 3}));
    ASSERT_TRUE(view->xor_mapped_address);
    EXPECT_EQ(view->xor_mapped_address->address.to_string(),
              family == AF_INET ? "127.0.0.1" : "::1");
    EXPECT_EQ(view->xor_mapped_address->port, client.own_port());
    ++served;
  }
  EXPECT_GE(served, 1);
  EXPECT_GE(worker.counters().stun_answers, 1U);
}

TEST(MediaWorker, ListensOnTheOneAddressThatItIsGiven) {
  MediaWorker worker({.listen_ip = IpAddress::parse("127.0.0.1"), .port = 0, .cpu = 0});
  Client client(AF_INET, worker.port());
  EXPECT_FALSE(client.ask(binding_request()).empty());
  Client other(AF_INET6, worker.port());
  other.send(binding_request());
  Client last(AF_INET, worker.port());
  EXPECT_FALSE(last.ask(binding_request()).empty());
  EXPECT_EQ(worker.counters().dropped_malformed, 0U);
}

// RFC 6544: the same port number, a check in RFC 4571 framing, and an answer on the connection.
TEST(MediaWorker, AnswersChecksOverTcp) {
  const rtc::DtlsIdentity identity(1'800'000'000);
  const rtc::IceCredentials credentials{.username_fragment = "ours", .password = "password"};
  MediaWorker worker({});
  ASSERT_TRUE(worker.post([&](Instant now, rtc::MediaEngine& engine, rtc::Outbox&) {
    engine.open_web_rtc(now, credentials, identity);
  }));
  std::vector<std::uint8_t> buffer(200);
  rtc::StunBuilder builder(buffer, rtc::StunClass::Request, rtc::kStunBinding, {1, 2, 3});
  builder.username("ours:theirs");
  builder.priority(1);
  builder.ice_controlling(7);
  const Bytes check = builder.finish({.key = bytes_of(credentials.password), .fingerprint = true});
  server::sfu::testing::TcpClient stranger(worker.port());
  stranger.send(binding_request());  // without credentials only UDP is answered
  server::sfu::testing::TcpClient client(worker.port());
  client.send(check);
  const auto answer = client.receive();
  const auto view = rtc::StunView::parse(answer);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->message_class, rtc::StunClass::Success);
  EXPECT_EQ(view->transaction, (rtc::TransactionId{1, 2, 3}));
  EXPECT_TRUE(view->is_authentic(bytes_of(credentials.password)));
  EXPECT_TRUE(eventually([&] { return worker.counters().tcp_connections == 2; }));
}

TEST(MediaWorker, RefusesAPortThatIsTaken) {
  MediaWorker worker({});
  EXPECT_THROW(MediaWorker({.listen_ip = {}, .port = worker.port(), .cpu = {}}), std::system_error);
}

TEST(MediaWorker, ServesOnKernelsWithoutEpollPwait2) {
  std::thread([] {
    ASSERT_TRUE(forget_epoll_pwait2());
    ASSERT_EQ(syscall(SYS_epoll_pwait2, -1, nullptr, 1, nullptr, nullptr), -1);
    ASSERT_EQ(errno, ENOSYS);
    MediaWorker worker({});
    Client client(AF_INET, worker.port());
    EXPECT_FALSE(client.ask(binding_request()).empty());
  }).join();
}

TEST(MediaWorker, CountsRubbishAndServesOn) {
  MediaWorker worker({});
  Client client(AF_INET, worker.port());
  client.send(bytes_of("\x01 not STUN"));
  client.send(bytes_of("GET / HTTP/1.1"));
  client.send({});
  client.send(std::vector<std::uint8_t>(9000, 0));
  EXPECT_TRUE(eventually([&] {
    const auto counters = worker.counters();
    return counters.dropped_malformed == 2 && counters.dropped_unexpected == 2;
  }));
  EXPECT_FALSE(client.ask(binding_request()).empty());
}

TEST(MediaWorker, StartsAndStopsManyTimesOnOnePort) {
  std::uint16_t port = 0;
  for (int i = 0; i < 20; ++i) {
    MediaWorker worker({.listen_ip = {}, .port = port, .cpu = {}});
    port = worker.port();
    Client client(AF_INET, port);
    EXPECT_FALSE(client.ask(binding_request()).empty());
  }
}

}  // namespace
