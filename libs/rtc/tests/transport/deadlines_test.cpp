#include "rtc/transport/deadlines.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace rtc {
namespace {

struct Alarm {
  explicit Alarm(Instant its_at = Instant::never()) : at(its_at) {}
  Instant next_timeout() const { return at; }
  Instant at;
};
using Alarms = Deadlines<Alarm>;
using TimedAlarm = Timed<Alarm>;

Instant second(int count) { return Instant::at(std::chrono::seconds{count}); }

TEST(Deadlines, HaveNoneAtFirst) {
  Alarms alarms;
  EXPECT_EQ(alarms.next(), Instant::never());
  EXPECT_TRUE(alarms.due(second(1000)).empty());
}

TEST(Deadlines, KnowTheEarliest) {
  Alarms alarms;
  const TimedAlarm late(alarms, second(5));
  EXPECT_EQ(alarms.next(), second(5));
  const TimedAlarm early(alarms, second(3));
  const TimedAlarm idle(alarms);
  EXPECT_EQ(alarms.next(), second(3));
}

TEST(Deadlines, FollowEveryChangeAtItsEnd) {
  Alarms alarms;
  TimedAlarm one(alarms, second(5));
  TimedAlarm other(alarms, second(6));
  one.change()->at = second(7);
  EXPECT_EQ(alarms.next(), second(6));
  {
    const auto changed = other.change();
    changed->at = second(1);
  }
  EXPECT_EQ(alarms.next(), second(1));
  other.change()->at = Instant::never();
  EXPECT_EQ(alarms.next(), second(7));
}

TEST(Deadlines, FollowAChangeWithinAChange) {
  Alarms alarms;
  TimedAlarm one(alarms, second(5));
  {
    const auto outer = one.change();
    one.change()->at = second(2);
    EXPECT_EQ(alarms.next(), second(2));
    outer->at = second(4);
  }
  EXPECT_EQ(alarms.next(), second(4));
}

TEST(Deadlines, GiveThoseThatAreDueInTheOrderTheyWereMade) {
  Alarms alarms;
  TimedAlarm first(alarms, second(3));
  TimedAlarm second_made(alarms, second(9));
  TimedAlarm third(alarms, second(1));
  TimedAlarm fourth(alarms, second(4));
  const auto due = alarms.due(second(3));
  EXPECT_EQ(std::vector(due.begin(), due.end()), (std::vector{&first, &third}));
}

TEST(Deadlines, ForgetWhatIsGone) {
  Alarms alarms;
  const TimedAlarm stays(alarms, second(2));
  {
    const TimedAlarm goes(alarms, second(1));
    EXPECT_EQ(alarms.next(), second(1));
  }
  EXPECT_EQ(alarms.next(), second(2));
  EXPECT_EQ(alarms.size(), 1U);
}

TEST(Deadlines, CountChangesAndNoReads) {
  Alarms alarms;
  TimedAlarm one(alarms, second(2));
  EXPECT_EQ(one.read().at, second(2));
  EXPECT_EQ(alarms.changes(), 0U);
  one.change()->at = second(3);
  EXPECT_EQ(alarms.changes(), 1U);
}

// Beside a plain list that is searched each time.
TEST(Deadlines, AgreeWithAListThroughManySteps) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  const auto any_time = [&] {
    return below(4) == 0 ? Instant::never() : second(static_cast<int>(below(50)));
  };
  Alarms alarms;
  std::vector<std::unique_ptr<TimedAlarm>> list;  // in the order they were made
  for (int step = 0; step < 5000; ++step) {
    const std::size_t what = below(5);
    if (list.empty() || (what == 0 && list.size() < 200)) {
      list.push_back(std::make_unique<TimedAlarm>(alarms, any_time()));
    } else if (what == 1) {
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(below(list.size())));
    } else {
      list[below(list.size())]->change()->at = any_time();
    }
    const Instant now = second(static_cast<int>(below(50)));
    Instant next = Instant::never();
    std::vector<TimedAlarm*> expected;
    for (const auto& one : list) {
      next = std::min(next, one->read().at);
      if (one->read().at <= now) expected.push_back(one.get());
    }
    ASSERT_EQ(alarms.next(), next);
    const auto due = alarms.due(now);
    ASSERT_EQ(std::vector(due.begin(), due.end()), expected);
  }
}

// What is not due is not opened, however many there are.
TEST(Deadlines, LeaveTenThousandIdleOnesAlone) {
  Alarms alarms;
  std::vector<std::unique_ptr<TimedAlarm>> idle;
  for (int i = 0; i < 10'000; ++i) {
    idle.push_back(std::make_unique<TimedAlarm>(alarms, second(1000 + i)));
  }
  TimedAlarm busy(alarms, second(1));
  for (int i = 1; i < 100; ++i) {
    const auto due = alarms.due(second(i));
    ASSERT_EQ(due.size(), 1U);
    ASSERT_EQ(due.front(), &busy);
    due.front()->change()->at = second(i + 1);
    ASSERT_EQ(alarms.next(), second(i + 1));
  }
  EXPECT_EQ(alarms.changes(), 99U);
}

}  // namespace
}  // namespace rtc
