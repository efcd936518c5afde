#include "rtc/stream/receive_statistics.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using rtc::ReceiveStatistics;

TEST(ReceiveStatistics, CountsWhatIsMissing) {
  ReceiveStatistics statistics(7, 90000);
  EXPECT_FALSE(statistics.report(Instant()));
  for (std::int64_t i = 65000; i < 66000; ++i) {
    if (i % 4 != 3) statistics.on_packet(Instant(), i, 0, 100);
  }
  const auto report = statistics.report(Instant());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->ssrc, 7U);
  EXPECT_EQ(report->cumulative_lost, 249);  // the last one, 65999, is not known to be missing
  EXPECT_EQ(report->fraction_lost, 249 * 256 / 999);
  EXPECT_EQ(report->highest_sequence, 65998U);
  EXPECT_EQ(statistics.packets(), 750U);
  EXPECT_EQ(statistics.octets(), 75'000U);

  for (std::int64_t i = 66000; i < 66100; ++i) statistics.on_packet(Instant(), i, 0, 100);
  const auto next = statistics.report(Instant());
  EXPECT_EQ(next->fraction_lost, 1 * 256 / 101);
  EXPECT_EQ(next->cumulative_lost, 250);
}

TEST(ReceiveStatistics, DuplicatesMakeLossNegativeAndFractionZero) {
  ReceiveStatistics statistics(7, 90000);
  for (int i = 0; i < 10; ++i) {
    statistics.on_packet(Instant(), i, 0, 1);
    statistics.on_packet(Instant(), i, 0, 1);
  }
  const auto report = statistics.report(Instant());
  EXPECT_EQ(report->cumulative_lost, -10);
  EXPECT_EQ(report->fraction_lost, 0);
}

TEST(ReceiveStatistics, JitterIsZeroForASteadyStreamOverTimestampWraps) {
  ReceiveStatistics statistics(7, 90000);
  std::uint32_t timestamp = 0xFFFFF000;
  for (int i = 0; i < 200; ++i) {
    statistics.on_packet(Instant::at(i * 20ms), i, timestamp, 1);
    timestamp += 1800;
  }
  EXPECT_EQ(statistics.report(Instant::at(4s))->jitter, 0U);
}

TEST(ReceiveStatistics, JitterNearsTheMeanDifferenceOfTransits) {
  ReceiveStatistics statistics(7, 90000);
  for (int i = 0; i < 2000; ++i) {
    // Every other packet 10 ms late: transits differ by 900 ticks each time.
    const Duration late = i % 2 == 0 ? 0ms : 10ms;
    statistics.on_packet(Instant::at(i * 20ms + late), i, static_cast<std::uint32_t>(i) * 1800, 1);
  }
  EXPECT_NEAR(statistics.report(Instant::at(40s))->jitter, 900, 20);
}

TEST(ReceiveStatistics, EchoesTheSendersReport) {
  ReceiveStatistics statistics(7, 90000);
  statistics.on_packet(Instant(), 0, 0, 1);
  EXPECT_EQ(statistics.report(Instant())->last_sr, 0U);
  statistics.on_sender_report(Instant::at(1s), 0x1111222233334444);
  const auto report = statistics.report(Instant::at(2500ms));
  EXPECT_EQ(report->last_sr, 0x22223333U);
  EXPECT_EQ(report->delay_since_last_sr, 65536U * 3 / 2);
}

}  // namespace
