// Media that arrives together goes out together for each receiver.
#include <gtest/gtest.h>

#include <vector>

#include "rtc/srtp/srtp_receiver.hpp"
#include "rtc/testing/datagrams.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace {

using namespace rtc;
using namespace rtc::testing;

SrtpMasterKey key() {
  const Octets octets(30, 7);
  return *SrtpMasterKey::from(SrtpSuite::AesCm128HmacSha1_80, octets);
}

class BatchTest : public EngineFixture {
 protected:
  BatchTest() {
    source = *engine.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
    producer = *engine.produce(source, one_stream());
  }

  void add_consumers(std::uint16_t first_port, std::uint16_t count) {
    for (std::uint16_t port = first_port; port < first_port + count; ++port) {
      const auto sink = engine.open_plain({.path = path(port), .send_key = key()});
      ASSERT_TRUE(engine.consume(*sink, producer, video_consumer(port)));
    }
  }
  // Datagrams lie where they came in until the end of the batch, as those of a socket do.
  void take(std::uint16_t sequence) {
    batch.push_back(rtp_packet({.payload_type = kPayloadType, .sequence = sequence, .ssrc = kSsrc},
                               bytes_of("payload")));
    engine.handle_datagram(Instant(), path(1), batch.back(), out);
  }

  TransportId source{};
  ProducerId producer{};
  std::vector<Octets> batch;
};

TEST_F(BatchTest, PacketsOfOneReceiverFollowEachOtherInOnePieceOfMemory) {
  add_consumers(10, 2);
  engine.begin_batch();
  for (std::uint16_t sequence = 1; sequence <= 3; ++sequence) take(sequence);
  EXPECT_TRUE(out.empty());
  engine.end_batch(Instant(), out);
  const auto slots = rtc::testing::datagrams_in(out);
  ASSERT_EQ(slots.size(), 6U);
  SrtpReceiver receivers[] = {SrtpReceiver(key()), SrtpReceiver(key())};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    EXPECT_EQ(slots[i].path, path(i < 3 ? 10 : 11));
    if (i > 0) {
      EXPECT_EQ(slots[i].octets.data(), slots[i - 1].octets.data() + slots[i - 1].octets.size());
    }
    Octets copy(slots[i].octets.begin(), slots[i].octets.end());
    const auto plain = receivers[i / 3].unprotect_rtp(copy);
    ASSERT_TRUE(plain);
    EXPECT_EQ(RtpView::parse(*plain)->header.sequence, 500 + i % 3);
  }
  out.clear();
  take(4);  // outside of a batch nothing waits
  EXPECT_EQ(out.count(), 2U);
}

TEST_F(BatchTest, ClosesWhatStillWaits) {
  add_consumers(10, 2);
  engine.begin_batch();
  take(1);
  engine.close_transport(source, out);
  engine.end_batch(Instant(), out);
  EXPECT_TRUE(out.empty());
}

TEST_F(BatchTest, MoreThanMayWaitGoesOutWithinTheBatch) {
  add_consumers(10, 2);
  engine.begin_batch();
  batch.reserve(Producer::kWaitingMax + 1);
  for (std::uint16_t i = 0; i < Producer::kWaitingMax + 1; ++i) take(i);
  EXPECT_EQ(out.count(), 2 * Producer::kWaitingMax);
  engine.end_batch(Instant(), out);
  EXPECT_EQ(out.count(), 2 * Producer::kWaitingMax + 2);
}

}  // namespace
