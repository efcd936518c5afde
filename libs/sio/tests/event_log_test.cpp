#include "sio/event_log.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using sio::EventLog;

Instant at(Duration time) { return Instant::at(time); }

sio::Frames one(std::string_view text) { return {sio::make_frame(text, false)}; }

std::vector<std::string> after(const EventLog& log, sio::EventOffset offset) {
  std::vector<std::string> texts;
  for (const auto& frame : log.after(offset)) texts.emplace_back(frame->payload());
  return texts;
}

TEST(EventLog, GivesWhatCameAfterAnOffset) {
  EventLog log;
  log.append(at(1s), 3, one("a"), {});
  log.append(at(1s), 7, {sio::make_frame("b", false), sio::make_frame("attached", true)}, {});
  log.append(at(1s), 9, one("c"), {});
  EXPECT_EQ(after(log, 3), (std::vector<std::string>{"b", "attached", "c"}));
  EXPECT_EQ(after(log, 7), std::vector<std::string>{"c"});
  EXPECT_TRUE(after(log, 9).empty());
  EXPECT_TRUE(log.holds_all_after(3));
  EXPECT_FALSE(log.holds_all_after(4));   // was sent to somebody else
  EXPECT_FALSE(log.holds_all_after(10));  // not sent at all
}

TEST(EventLog, ForgetsTheOldestByCountOctetsAndAge) {
  EventLog by_count;
  const EventLog::Limits two{.entries_max = 2};
  for (sio::EventOffset offset = 1; offset <= 4; ++offset)
    by_count.append(at(0s), offset, one("x"), two);
  EXPECT_FALSE(by_count.holds_all_after(1));
  EXPECT_TRUE(by_count.holds_all_after(2));  // the last that fell out: nothing after it is missing
  EXPECT_TRUE(by_count.holds_all_after(3));

  EventLog by_octets;
  const EventLog::Limits small{.bytes_max = 100};
  by_octets.append(at(0s), 1, one(std::string(60, 'x')), small);
  by_octets.append(at(0s), 2, one(std::string(60, 'x')), small);
  EXPECT_EQ(after(by_octets, 1).size(), 1U);
  EXPECT_TRUE(by_octets.holds_all_after(1));

  EventLog by_age;
  by_age.append(at(0s), 1, one("old"), {});
  by_age.append(at(1s), 2, one("old"), {});
  by_age.append(at(165s + 500ms), 3, one("new"), {});
  EXPECT_TRUE(by_age.holds_all_after(2));
  EXPECT_FALSE(by_age.holds_all_after(0));
}

TEST(EventLog, ChargesEachSocketItsShareOfAFrame) {
  const EventLog::Limits limits{.share_max = 1'000};
  EventLog own;
  EventLog shared;
  for (sio::EventOffset offset = 1; offset <= 100; ++offset) {
    own.append(at(0s), offset, one(std::string(732, 'x')), limits);
    shared.append(at(0s), offset, one(std::string(732, 'x')), limits, 20);
  }
  EXPECT_EQ(own.entries().size(), 1U);
  EXPECT_EQ(shared.entries().size(), 1'000U / (EventLog::kEntryOctets + 40));
}

TEST(EventLog, OffsetsAreDecimalAndNeverZero) {
  EXPECT_EQ(sio::offset_text(42), "42");
  EXPECT_EQ(sio::parse_offset("42"), 42U);
  for (const std::string_view text : {"", "0", "-1", "4x", " 4", "99999999999999999999999"}) {
    EXPECT_FALSE(sio::parse_offset(text)) << text;
  }
}

}  // namespace
