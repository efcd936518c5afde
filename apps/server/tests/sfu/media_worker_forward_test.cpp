// Media over real sockets: a plain producer, consumers in the clear and by SRTP.
#include <gtest/gtest.h>

#include <array>
#include <future>

#include "base/random.hpp"
#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/srtp/srtp_receiver.hpp"
#include "sfu/media_worker.hpp"
#include "udp_client.hpp"

namespace {

using namespace server::sfu;
using server::sfu::testing::eventually;
using Client = server::sfu::testing::UdpClient;

constexpr std::uint32_t kSsrc = 1111;
constexpr std::size_t kPayload = 1000;  // octets
constexpr std::uint16_t kPackets = 300;

rtc::SrtpMasterKey random_key() {
  SecureRandom random;
  std::vector<std::uint8_t> octets(28);
  random.fill(octets);
  return *rtc::SrtpMasterKey::from(rtc::SrtpSuite::AeadAes128Gcm, octets);
}

std::vector<std::uint8_t> packet(std::uint16_t sequence) {
  std::vector<std::uint8_t> buffer(1500);
  ByteWriter out(buffer);
  rtc::write_rtp_header(out, {.payload_type = 101,
                              .marker = sequence % 4 == 3,
                              .sequence = sequence,
                              .timestamp = 90U * sequence,
                              .ssrc = kSsrc});
  for (std::uint8_t& octet : out.reserve(kPayload)) octet = static_cast<std::uint8_t>(sequence);
  buffer.resize(out.size());
  return buffer;
}

// Runs on the worker's thread, and waits for it.
template <class Setup>
void on_worker(MediaWorker& worker, Setup setup) {
  std::promise<void> done;
  ASSERT_TRUE(worker.post([&](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    setup(engine);
    done.set_value();
  }));
  done.get_future().get();
}

class MediaWorkerForward : public ::testing::Test {
 protected:
  // One producer that is learned by its SSRC, and a consumer at each client.
  void set_up(const std::vector<Client*>& clients, const std::optional<rtc::SrtpMasterKey>& key) {
    on_worker(worker, [&](rtc::MediaEngine& engine) {
      const auto source = engine.open_plain({.path = {}, .send_key = {}, .receive_key = {}});
      producer = *engine.produce(*source, {.payload_type = 101, .streams = {{.ssrc = kSsrc}}});
      for (const Client* client : clients) add_consumer(engine, producer, *client, key);
    });
  }
  static void add_consumer(rtc::MediaEngine& engine, rtc::ProducerId of, const Client& client,
                           const std::optional<rtc::SrtpMasterKey>& key) {
    const rtc::Path path{.remote = {*IpAddress::parse("127.0.0.1"), client.own_port()},
                         .local = {}};
    const auto sink = engine.open_plain({.path = path, .send_key = key, .receive_key = {}});
    rtc::Consumer::Options options;
    options.ssrc = client.own_port();
    options.payload_type = 96;
    ASSERT_TRUE(engine.consume(*sink, of, options));
  }

  rtc::ProducerId producer{};
  MediaWorker worker{{.listen_ip = IpAddress::parse("127.0.0.1"), .port = 0, .cpu = {}}};
};

TEST_F(MediaWorkerForward, DeliversEveryPacketInOrderToEveryReceiver) {
  Client source(AF_INET, worker.port());
  Client one(AF_INET, worker.port());
  Client two(AF_INET, worker.port());
  const std::array<Client*, 2> clients{&one, &two};
  const auto key = random_key();
  set_up({&one, &two}, key);
  // In bursts, which the receivers read before the next, so that no socket buffer fills.
  constexpr std::uint16_t kBurst = 25;
  std::array<rtc::SrtpReceiver, 2> receivers{rtc::SrtpReceiver(key), rtc::SrtpReceiver(key)};
  for (std::uint16_t first = 0; first < kPackets; first += kBurst) {
    for (std::uint16_t i = first; i < first + kBurst; ++i) source.send(packet(i));
    for (std::size_t which = 0; which < 2; ++which) {
      for (std::uint16_t i = first; i < first + kBurst; ++i) {
        auto datagram = clients[which]->receive();
        const auto plain = receivers[which].unprotect_rtp(datagram);
        ASSERT_TRUE(plain) << i;
        const auto view = rtc::RtpView::parse(*plain);
        ASSERT_TRUE(view);
        EXPECT_EQ(view->header.sequence, i + 1);
        EXPECT_EQ(view->header.ssrc, clients[which]->own_port());
        ASSERT_EQ(view->payload.size(), kPayload);
        EXPECT_EQ(view->payload[7], static_cast<std::uint8_t>(i));
      }
    }
  }
  ASSERT_TRUE(eventually([&] { return worker.counters().sent == 2U * kPackets; }));
  const auto counters = worker.counters();
  EXPECT_EQ(counters.sent, 2U * kPackets);
  EXPECT_EQ(counters.send_dropped, 0U);
  EXPECT_LT(counters.send_calls, counters.sent) << "datagrams to one receiver share calls";
}

TEST_F(MediaWorkerForward, RubbishAmongMediaIsCountedAndDisturbsNobody) {
  Client source(AF_INET, worker.port());
  Client stranger(AF_INET, worker.port());
  Client one(AF_INET, worker.port());
  set_up({&one}, std::nullopt);
  source.send(packet(0));
  EXPECT_FALSE(one.receive().empty());
  for (int i = 0; i < 50; ++i) {
    stranger.send(
        packet(static_cast<std::uint16_t>(100 + i)));  // the producer's SSRC, another address
    stranger.send(bytes_of("\x16\xfe\xfd hello"));
  }
  source.send(packet(1));
  EXPECT_FALSE(one.receive().empty());
  EXPECT_TRUE(eventually([&] { return worker.counters().dropped_unexpected == 100; }));
  EXPECT_TRUE(eventually([&] { return worker.counters().sent == 2; }));
}

TEST_F(MediaWorkerForward, APipeTakesMediaToAnotherWorkersReceivers) {
  constexpr std::uint32_t kPipedSsrc = 70'000;
  MediaWorker other(
      {.listen_ip = IpAddress::parse("127.0.0.1"), .port = 0, .cpu = {}, .number = 1});
  Client source(AF_INET, worker.port());
  Client here(AF_INET, worker.port());
  Client there(AF_INET, other.port());
  set_up({&here}, std::nullopt);
  worker.connect(other);
  rtc::ProducerId piped{};
  on_worker(other, [&](rtc::MediaEngine& engine) {
    piped = *engine.produce(engine.open_pipe(0),
                            {.payload_type = 101, .streams = {{.ssrc = kPipedSsrc}}});
    add_consumer(engine, piped, there, std::nullopt);
  });
  rtc::PipeId pipe{};
  on_worker(worker, [&](rtc::MediaEngine& engine) {
    const std::array ssrcs{kPipedSsrc};
    pipe = *engine.pipe(producer, engine.open_pipe(1), ssrcs);
    engine.set_wanted(pipe, 1);
  });
  for (std::uint16_t i = 0; i < kPackets; ++i) {
    source.send(packet(i));
    for (Client* const client : {&here, &there}) {
      const auto datagram = client->receive();
      const auto view = rtc::RtpView::parse(datagram);
      ASSERT_TRUE(view) << i;
      EXPECT_EQ(view->header.sequence, i + 1);
      EXPECT_EQ(view->header.ssrc, client->own_port());
      ASSERT_EQ(view->payload.size(), kPayload);
      EXPECT_EQ(view->payload[7], static_cast<std::uint8_t>(i));
    }
  }
  EXPECT_TRUE(eventually([&] { return worker.counters().pipes == 1; }));
  EXPECT_EQ(worker.counters().pipe_dropped, 0U);
  EXPECT_TRUE(eventually([&] { return other.counters().sent == kPackets; }));

  // What the other end does not know (any more) disturbs nobody.
  on_worker(other, [&](rtc::MediaEngine& engine) { engine.close_producer(piped); });
  for (std::uint16_t i = 0; i < 10; ++i) {
    source.send(packet(static_cast<std::uint16_t>(kPackets + i)));
    EXPECT_FALSE(here.receive().empty());
  }
  EXPECT_TRUE(eventually([&] { return other.counters().dropped_unexpected == 10; }));
}

TEST_F(MediaWorkerForward, StopsWithMediaUnderWay) {
  Client source(AF_INET, worker.port());
  Client one(AF_INET, worker.port());
  set_up({&one}, random_key());
  for (std::uint16_t i = 0; i < 100; ++i) source.send(packet(i));
}

}  // namespace
