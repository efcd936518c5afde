#include "rtc/stream/packet_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using rtc::PacketCache;

std::string found(const PacketCache& cache, Instant now, std::int64_t sequence) {
  const auto packet = cache.find(now, sequence);
  return packet ? std::string(text_of(*packet)) : "-";
}

TEST(PacketCache, KeepsTheLastPackets) {
  PacketCache cache;
  const auto last = static_cast<std::int64_t>(3 * PacketCache::kPackets);
  for (std::int64_t i = 0; i <= last; ++i) cache.store(Instant(), i, bytes_of(std::to_string(i)));
  const auto oldest = last - static_cast<std::int64_t>(PacketCache::kPackets) + 1;
  EXPECT_EQ(found(cache, Instant(), last), std::to_string(last));
  EXPECT_EQ(found(cache, Instant(), oldest), std::to_string(oldest));
  EXPECT_EQ(found(cache, Instant(), oldest - 1), "-");
  EXPECT_EQ(found(cache, Instant(), last + 1), "-");
  EXPECT_EQ(found(cache, Instant(), -1), "-");
}

TEST(PacketCache, ForgetsWithAge) {
  PacketCache cache;
  cache.store(Instant(), 1, bytes_of("x"));
  EXPECT_EQ(found(cache, Instant::at(2s), 1), "x");
  EXPECT_EQ(found(cache, Instant::at(2s + 1us), 1), "-");
}

TEST(PacketCache, ALatePacketDisplacesNoLaterOne) {
  PacketCache cache;
  const auto turn = static_cast<std::int64_t>(PacketCache::kPackets);
  cache.store(Instant(), turn + 4, bytes_of("new"));
  cache.store(Instant(), 4, bytes_of("old"));
  EXPECT_EQ(found(cache, Instant(), turn + 4), "new");
  EXPECT_EQ(found(cache, Instant(), 4), "-");
}

TEST(PacketCache, KeepsNothingThatIsTooLong) {
  PacketCache cache;
  cache.store(Instant(), 1, std::vector<std::uint8_t>(PacketCache::kPacketMax));
  cache.store(Instant(), 2, std::vector<std::uint8_t>(PacketCache::kPacketMax + 1));
  EXPECT_TRUE(cache.find(Instant(), 1));
  EXPECT_FALSE(cache.find(Instant(), 2));
}

}  // namespace
