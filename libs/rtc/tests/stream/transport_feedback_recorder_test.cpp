#include "rtc/stream/transport_feedback_recorder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "netsim/link.hpp"
#include "rtc/rtcp/transport_feedback.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::TransportFeedback;
using rtc::TransportFeedbackBuilder;
using rtc::TransportFeedbackRecorder;

struct Report {
  TransportFeedback head;
  std::vector<std::pair<std::uint16_t, std::optional<Duration>>> statuses;
};

std::vector<Report> poll(TransportFeedbackRecorder& recorder, Instant now) {
  std::vector<Report> reports;
  std::array<std::uint8_t, TransportFeedbackBuilder::kSizeMax> buffer;
  for (;;) {
    const Bytes written = recorder.poll_feedback(now, buffer);
    if (written.empty()) return reports;
    rtc::RtcpReader reader(written);
    const auto packet = reader.next();
    const auto feedback = packet ? TransportFeedback::parse(*packet) : std::nullopt;
    EXPECT_TRUE(feedback);
    if (!feedback) return reports;
    Report report{.head = *feedback, .statuses = {}};
    feedback->for_each([&](std::uint16_t sequence, std::optional<Duration> arrival) {
      report.statuses.emplace_back(sequence, arrival);
    });
    reports.push_back(report);
  }
}

std::vector<std::uint16_t> received(const Report& report) {
  std::vector<std::uint16_t> numbers;
  for (const auto& [sequence, arrival] : report.statuses) {
    if (arrival) numbers.push_back(sequence);
  }
  return numbers;
}

using Numbers = std::vector<std::uint16_t>;

TEST(TransportFeedbackRecorder, ReportsEveryHundredMillisecondsWhatCame) {
  TransportFeedbackRecorder recorder({.sender_ssrc = 7});
  EXPECT_EQ(recorder.next_timeout(), Instant::never());
  recorder.on_packet(Instant::at(10ms), 65534, 42);
  recorder.on_packet(Instant::at(20ms), 65535, 42);
  recorder.on_packet(Instant::at(30ms), 1, 43);
  EXPECT_EQ(recorder.next_timeout(), Instant::at(110ms));
  EXPECT_TRUE(poll(recorder, Instant::at(109ms)).empty());

  const auto reports = poll(recorder, Instant::at(110ms));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].head.sender_ssrc, 7U);
  EXPECT_EQ(reports[0].head.media_ssrc, 43U);
  EXPECT_EQ(reports[0].head.base_sequence, 65534);
  ASSERT_EQ(reports[0].statuses.size(), 4U);
  EXPECT_EQ(reports[0].statuses[0].second, 10ms);
  EXPECT_EQ(reports[0].statuses[2].second, std::nullopt);
  EXPECT_EQ(reports[0].statuses[3].second, 30ms);
  EXPECT_EQ(recorder.next_timeout(), Instant::never());
  EXPECT_TRUE(poll(recorder, Instant::at(1h)).empty());
}

TEST(TransportFeedbackRecorder, KeepsTheIntervalWithinItsBounds) {
  TransportFeedbackRecorder fast({.interval = 1ms});
  fast.on_packet(Instant(), 1, 1);
  EXPECT_EQ(fast.next_timeout(), Instant::at(50ms));
  TransportFeedbackRecorder slow({.interval = 10s});
  slow.on_packet(Instant(), 1, 1);
  EXPECT_EQ(slow.next_timeout(), Instant::at(250ms));
}

TEST(TransportFeedbackRecorder, TellsOfLossesBetweenTwoReports) {
  TransportFeedbackRecorder recorder({});
  recorder.on_packet(Instant(), 1, 1);
  poll(recorder, Instant::at(100ms));
  recorder.on_packet(Instant::at(120ms), 4, 1);
  const auto reports = poll(recorder, Instant::at(220ms));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].head.base_sequence, 2);
  EXPECT_EQ(reports[0].head.feedback_count, 1);
  EXPECT_EQ(received(reports[0]), Numbers{4});
}

TEST(TransportFeedbackRecorder, ReportsALatePacketOfAnEarlierReport) {
  TransportFeedbackRecorder recorder({});
  for (const std::uint16_t number : {10, 11, 13, 14}) recorder.on_packet(Instant(), number, 1);
  poll(recorder, Instant::at(100ms));
  recorder.on_packet(Instant::at(110ms), 12, 1);
  recorder.on_packet(Instant::at(110ms), 13, 1);  // came before
  recorder.on_packet(Instant::at(120ms), 15, 1);
  const auto reports = poll(recorder, Instant::at(210ms));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(received(reports[0]), (Numbers{12, 13, 14, 15}));
  EXPECT_EQ(reports[0].statuses[0].second, 110ms);
  EXPECT_EQ(reports[0].statuses[1].second, 0ms);
}

TEST(TransportFeedbackRecorder, TakesWhatOvertookTheVeryFirst) {
  TransportFeedbackRecorder recorder({});
  recorder.on_packet(Instant(), 0, 1);
  recorder.on_packet(Instant(), 65535, 1);
  const auto reports = poll(recorder, Instant::at(100ms));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(received(reports[0]), (Numbers{65535, 0}));
}

TEST(TransportFeedbackRecorder, SplitsWhereOnePacketCannotTellAll) {
  TransportFeedbackRecorder recorder({});
  recorder.on_packet(Instant(), 0, 1);
  recorder.on_packet(Instant::at(9s), 1, 1);    // too long after
  recorder.on_packet(Instant::at(9s), 800, 1);  // too far from
  const auto reports = poll(recorder, Instant::at(10s));
  ASSERT_EQ(reports.size(), 3U);
  EXPECT_EQ(received(reports[0]), Numbers{0});
  EXPECT_EQ(received(reports[1]), Numbers{1});
  EXPECT_EQ(received(reports[2]), Numbers{800});
  EXPECT_EQ(reports[2].statuses.size(), TransportFeedbackBuilder::kStatusMax);
  EXPECT_EQ(reports[2].head.feedback_count, 2);
}

TEST(TransportFeedbackRecorder, AJumpForgetsWhatItCannotHold) {
  TransportFeedbackRecorder recorder({});
  for (std::uint16_t i = 0; i < 100; ++i) recorder.on_packet(Instant(), i, 1);
  recorder.on_packet(Instant::at(1ms), 30'000, 1);
  recorder.on_packet(Instant::at(2ms), 100, 1);  // further back than is kept
  const auto reports = poll(recorder, Instant::at(100ms));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(received(reports[0]), Numbers{30'000});
}

TEST(TransportFeedbackRecorder, ABufferThatIsTooSmallEndsTheReportAndNothingElse) {
  TransportFeedbackRecorder recorder({});
  recorder.on_packet(Instant(), 1, 1);
  std::array<std::uint8_t, 8> small;
  EXPECT_TRUE(recorder.poll_feedback(Instant::at(100ms), small).empty());
  recorder.on_packet(Instant::at(100ms), 2, 1);
  EXPECT_EQ(poll(recorder, Instant::at(200ms)).size(), 1U);
}

// Goal: over any link each packet that arrived is reported with its time, no other is, and reports
// are neither more frequent nor rarer than asked. Method: two turns of the 16-bit counter through
// links that lose, duplicate and reorder, for many seeds.
TEST(TransportFeedbackRecorderSim, ReportsExactlyWhatArrived) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    sim::Link<std::int64_t> link(
        {.delay = 20ms, .jitter = 60ms, .loss = 0.05, .duplicate = 0.02, .seed = seed});
    TransportFeedbackRecorder recorder({});
    std::map<std::int64_t, Instant> arrived;
    std::map<std::int64_t, Duration> reported;
    rtc::SequenceUnwrapper unwrapper;
    unwrapper.unwrap(0);
    std::size_t reports = 0;
    constexpr std::int64_t kPackets = 140'000;
    std::int64_t next = 0;
    Instant now;
    while (next < kPackets || link.next_timeout() != Instant::never() ||
           recorder.next_timeout() != Instant::never()) {
      const Instant send = next < kPackets ? Instant::at(next * 1ms) : Instant::never();
      now = std::min({send, link.next_timeout(), recorder.next_timeout()});
      if (send <= now) link.send(now, next++);
      while (const auto number = link.poll(now)) {
        arrived.try_emplace(*number, now);
        recorder.on_packet(now, static_cast<std::uint16_t>(*number), 1);
      }
      for (const Report& report : poll(recorder, now)) {
        ++reports;
        for (const auto& [sequence, arrival] : report.statuses) {
          const std::int64_t number = unwrapper.unwrap(sequence);
          if (arrival) reported[number] = *arrival;
          if (arrival) ASSERT_TRUE(arrived.contains(number)) << number;
        }
      }
    }
    ASSERT_EQ(reported.size(), arrived.size());
    for (const auto& [number, at] : arrived) {
      const Duration error = at.since_zero() - reported[number];
      ASSERT_TRUE(error >= 0us && error < 250us) << number;
    }
    EXPECT_NEAR(static_cast<double>(reports), 1400, 30);
  }
}

}  // namespace
