#include "rtc/ice/tcp_framing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.hpp"

namespace {

using rtc::TcpDeframer;

void append(std::vector<std::uint8_t>& stream, const std::vector<std::uint8_t>& packet) {
  const auto header = rtc::tcp_frame_header(static_cast<std::uint16_t>(packet.size()));
  stream.insert(stream.end(), header.begin(), header.end());
  stream.insert(stream.end(), packet.begin(), packet.end());
}

TEST(TcpDeframer, GivesThePacketsHoweverTheStreamIsCut) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    std::vector<std::vector<std::uint8_t>> sent;
    std::vector<std::uint8_t> stream;
    for (int i = 0; i < 60; ++i) {
      std::vector<std::uint8_t> packet(random.u32() % 5 == 0 ? TcpDeframer::kPacketMax
                                                             : random.u32() % 300);
      random.fill(packet);
      append(stream, packet);
      if (!packet.empty()) sent.push_back(packet);
    }
    TcpDeframer deframer;
    std::vector<std::vector<std::uint8_t>> received;
    for (std::size_t at = 0; at < stream.size();) {
      const MutableBytes space = deframer.space();
      ASSERT_FALSE(space.empty());
      const std::size_t size =
          std::min({space.size(), stream.size() - at, std::size_t{1 + random.u32() % 3000}});
      std::copy_n(stream.begin() + static_cast<long>(at), size, space.begin());
      deframer.filled(size);
      at += size;
      while (const auto packet = deframer.next())
        received.emplace_back(packet->begin(), packet->end());
    }
    EXPECT_EQ(received, sent);
    EXPECT_FALSE(deframer.is_broken());
  }
}

TEST(TcpDeframer, IsBrokenByAPacketThatIsTooLong) {
  TcpDeframer deframer;
  const auto header = rtc::tcp_frame_header(TcpDeframer::kPacketMax + 1);
  std::ranges::copy(header, deframer.space().begin());
  deframer.filled(2);
  EXPECT_FALSE(deframer.next());
  EXPECT_TRUE(deframer.is_broken());
}

}  // namespace
