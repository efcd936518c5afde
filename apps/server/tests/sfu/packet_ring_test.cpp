#include "sfu/packet_ring.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/bytes.hpp"

namespace {

using namespace server::sfu;

TEST(PacketRing, HandsOnInOrderWhatWasPublished) {
  const auto reader = std::make_shared<WakeUp>();
  PacketRing ring(reader);
  EXPECT_TRUE(ring.put(bytes_of("one")));
  EXPECT_TRUE(ring.put(bytes_of("two")));
  EXPECT_EQ(ring.readable(), 0U);
  EXPECT_FALSE(reader->take());
  ring.publish();
  EXPECT_TRUE(reader->take());
  ASSERT_EQ(ring.readable(), 2U);
  EXPECT_EQ(text_of(ring.at(0)), "one");
  EXPECT_EQ(text_of(ring.at(1)), "two");
  ring.release(1);
  EXPECT_EQ(text_of(ring.at(0)), "two");
  ring.publish();
  EXPECT_FALSE(reader->take()) << "nothing new";
}

TEST(PacketRing, IsBounded) {
  PacketRing ring(std::make_shared<WakeUp>());
  EXPECT_FALSE(ring.put(std::vector<std::uint8_t>(rtc::Outbox::kDatagramMax + 1)));
  const std::vector<std::uint8_t> largest(rtc::Outbox::kDatagramMax, 7);
  for (std::size_t i = 0; i < PacketRing::kSlots; ++i) EXPECT_TRUE(ring.put(largest));
  EXPECT_FALSE(ring.put(largest));
  ring.publish();
  EXPECT_EQ(ring.readable(), PacketRing::kSlots);
  ring.release(1);
  EXPECT_TRUE(ring.put(largest));
  EXPECT_FALSE(ring.put(largest));
}

TEST(PacketRing, TwoThreadsSeeEveryPacketOnce) {
  constexpr std::uint32_t kPackets = 200'000;
  PacketRing ring(std::make_shared<WakeUp>());
  std::thread writer([&] {
    for (std::uint32_t i = 0; i < kPackets;) {
      std::array<std::uint8_t, 4> octets;
      ByteWriter(octets).u32(i);
      if (ring.put(octets)) ++i;
      if (i % 8 == 0) ring.publish();
    }
    ring.publish();
  });
  std::uint32_t next = 0;
  while (next < kPackets) {
    const std::size_t count = ring.readable();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t number = ByteReader(ring.at(i)).u32();
      EXPECT_EQ(number, next++);
    }
    ring.release(count);
  }
  writer.join();
}

}  // namespace
