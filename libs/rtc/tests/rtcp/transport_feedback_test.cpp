#include "rtc/rtcp/transport_feedback.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"
#include "tests/rtcp/one_packet.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::TransportFeedback;
using rtc::TransportFeedbackBuilder;
using namespace rtc::testing;

using Arrivals = std::vector<std::pair<std::uint16_t, std::optional<Duration>>>;

Arrivals read(const TransportFeedback& feedback) {
  Arrivals arrivals;
  feedback.for_each([&](std::uint16_t sequence, std::optional<Duration> arrival) {
    arrivals.emplace_back(sequence, arrival);
  });
  return arrivals;
}

TEST(TransportFeedback, ReadsEveryKindOfChunk) {
  // Base 65534, 12 packets: a run of 2 small, a one-bit vector for 3 that did not come and one that
  // did (of its 14 symbols), a two-bit vector is not reached.
  const auto datagram =
      hex("8fcd0007 00000001 00000002 fffe 0012 000001 05"
          "2002 8400 e401"
          "04 08 0c fff0 10");
  const auto feedback = TransportFeedback::parse(only_packet(datagram));
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->feedback_count, 5);
  const Arrivals arrivals = read(*feedback);
  ASSERT_EQ(arrivals.size(), 18U);
  EXPECT_EQ(arrivals[0], (Arrivals::value_type{65534, 65ms}));
  EXPECT_EQ(arrivals[1], (Arrivals::value_type{65535, 67ms}));
  EXPECT_EQ(arrivals[2], (Arrivals::value_type{0, std::nullopt}));
  EXPECT_EQ(arrivals[5], (Arrivals::value_type{3, 70ms}));
  EXPECT_EQ(arrivals[16], (Arrivals::value_type{14, 66ms}));
  EXPECT_EQ(arrivals[17], (Arrivals::value_type{15, 70ms}));
}

// As libwebrtc does it: the padding bit, and what there is to fill up in its last octet.
TEST(TransportFeedback, MayBeFilledUpByLessThanFourOctets) {
  for (const char* tail :
       {"0003 000001 05 2003 04 08 0c 00 00 03", "0004 000001 05 2004 04 08 0c 10 00 02",
        "0005 000001 05 2005 04 08 0c 10 14 01"}) {
    const auto datagram = hex("afcd0006 00000001 00000002 0001" + std::string(tail));
    const auto feedback = TransportFeedback::parse(only_packet(datagram));
    ASSERT_TRUE(feedback) << tail;
    EXPECT_EQ(read(*feedback).size(), feedback->status_count);
    EXPECT_EQ(read(*feedback)[2].second, 64ms + 6ms);
  }
}

TEST(TransportFeedback, TakesANegativeReferenceTime) {
  const auto feedback = TransportFeedback::parse(
      only_packet(hex("8fcd0005 00000001 00000002 0000 0001 ffffff 00 2001 01 00")));
  ASSERT_TRUE(feedback);
  EXPECT_EQ(read(*feedback)[0].second, -64ms + 250us);
}

TEST(TransportFeedback, RefusesWhatDoesNotFit) {
  const auto parse = [](std::string_view tail) {
    const auto body = "00000001 00000002 " + std::string(tail);
    auto datagram = hex("8fcd0000" + body);
    datagram[3] = static_cast<std::uint8_t>(datagram.size() / 4 - 1);
    return TransportFeedback::parse(only_packet(datagram)).has_value();
  };
  EXPECT_TRUE(parse("0000 0001 000000 00 2001 00 00"));
  EXPECT_FALSE(parse("0000 0000 000000 00 2001 00 00"));  // no packets
  EXPECT_FALSE(parse("0000 0001 000000 00"));             // no chunk
  EXPECT_FALSE(parse("0000 0004 000000 00 2004 00 00"));  // four deltas, two octets
  EXPECT_FALSE(parse("0000 0001 000000 00 2000 0000"));   // a run of nothing
  EXPECT_FALSE(parse("0000 0001 000000 00 6001 0000"));   // the reserved symbol
  EXPECT_FALSE(parse("0000 0007 000000 00 f000 0000"));   // the reserved symbol in a vector
  EXPECT_FALSE(parse("0000 ffff 000000 00 1fff 1fff"));   // a count beyond the chunks
}

TEST(TransportFeedback, TellsOfAllThatItCanCount) {
  std::string chunks;
  for (int i = 0; i < 8; ++i) chunks += "1fff";
  const auto feedback = TransportFeedback::parse(
      only_packet(hex("8fcd0009 00000001 00000002 0000 ffff 000000 00" + chunks + "0007 0000")));
  ASSERT_TRUE(feedback);
  EXPECT_EQ(read(*feedback).size(), 65535U);
}

TEST(TransportFeedback, EveryCutIsSafe) {
  const auto datagram = hex("8fcd0006 00000001 00000002 fffe 0012 000001 05 2002 8400 e401 04 08");
  EXPECT_TRUE(accepted_cuts<TransportFeedback>(datagram).empty());
}

// Goal: whatever arrives in whatever pattern, the reader gets back from the builder's packets, to
// the tick. Method: random gaps and times, a new packet whenever the builder is full.
TEST(TransportFeedbackBuilder, WritesWhatTheViewReads) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    std::map<std::int64_t, Duration> sent;
    std::int64_t sequence = random.u32() % 65536;
    Duration now = Duration{random.u32() % 1'000'000'000};
    for (int i = 0; i < 1500; ++i) {
      sequence += random.u32() % 20 == 0 ? 1 + random.u32() % 40 : 1;
      now += Duration{random.u32() % 30 == 0 ? random.u32() % 9'000'000 : random.u32() % 20'000};
      if (random.u32() % 10 == 0) now -= Duration{10'000};
      sent[sequence] = now;
    }
    std::map<std::int64_t, Duration> read_back;
    const auto finish = [&](const TransportFeedbackBuilder& builder, std::int64_t base) {
      const auto datagram = written([&](ByteWriter& out) { builder.write(out, 1, 2, 3); });
      EXPECT_LE(datagram.size(), TransportFeedbackBuilder::kSizeMax);
      const auto feedback = TransportFeedback::parse(only_packet(datagram));
      ASSERT_TRUE(feedback);
      std::int64_t at = base;
      for (const auto& [wire, arrival] : read(*feedback)) {
        EXPECT_EQ(wire, static_cast<std::uint16_t>(at));
        if (arrival) read_back[at] = *arrival;
        ++at;
      }
    };
    auto entry = sent.begin();
    std::int64_t base = entry->first;
    TransportFeedbackBuilder builder(static_cast<std::uint16_t>(base), entry->second);
    for (; entry != sent.end(); ++entry) {
      if (builder.add(static_cast<std::uint16_t>(entry->first), entry->second)) continue;
      finish(builder, base);
      base = entry->first;
      builder = TransportFeedbackBuilder(static_cast<std::uint16_t>(base), entry->second);
      ASSERT_TRUE(builder.add(static_cast<std::uint16_t>(base), entry->second));
    }
    finish(builder, base);

    ASSERT_EQ(read_back.size(), sent.size());
    // The reference is 24 bits of 64 ms: whole turns of it are lost, which the reader unwraps.
    constexpr Duration kTurn = 64ms * (1 << 24);
    for (const auto& [number, arrival] : sent) {
      const Duration error = ((arrival - read_back[number]) % kTurn + kTurn) % kTurn;
      ASSERT_LT(error, 250us);
    }
  }
}

TEST(TransportFeedbackBuilder, RefusesWhatIsOutOfItsReach) {
  TransportFeedbackBuilder builder(100, 1s);
  EXPECT_TRUE(builder.add(100, 1s));
  EXPECT_FALSE(builder.add(100, 1s));
  EXPECT_FALSE(builder.add(99, 1s));
  EXPECT_FALSE(builder.add(101, 10s));
  EXPECT_FALSE(
      builder.add(static_cast<std::uint16_t>(100 + TransportFeedbackBuilder::kStatusMax), 1s));
  EXPECT_TRUE(builder.add(101, 9s));
}

}  // namespace
