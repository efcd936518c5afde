#include "rtc/forward/loudest.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "tests/forward/voice.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::Loudest;
using namespace rtc::testing;

struct Room {
  Loudest loudest{3};
  Instant now;
  std::map<Loudest::SourceId, int> forwarded;

  Room() {
    for (Loudest::SourceId id = 1; id <= 6; ++id) loudest.add(id);
  }

  // Counts from nothing what goes out.
  void run(Duration time, const std::map<Loudest::SourceId, int>& levels) {
    forwarded.clear();
    for (const Instant end = now + time; now < end; now = now + kPacket) {
      for (const auto& [id, dbov] : levels) {
        if (loudest.on_packet(now, id, level(dbov))) ++forwarded[id];
      }
    }
  }
};

TEST(Loudest, SilenceCostsNothing) {
  Room room;
  room.run(10s, {{1, -75}, {2, -127}, {3, -60}});
  EXPECT_TRUE(room.forwarded.empty());
}

TEST(Loudest, IsHeardFromTheFirstLoudPacketToTheEndOfTheHold) {
  Room room;
  room.run(1s, {{1, -75}});
  room.run(kPacket, {{1, -30}});
  EXPECT_EQ(room.forwarded[1], 1);
  room.run(2s, {{1, -75}});
  EXPECT_EQ(room.forwarded[1], 24) << "half a second of 20 ms, less the loud one";
  EXPECT_FALSE(room.loudest.has_place(1));
}

TEST(Loudest, ThreeAreHeardAndTheFourthWaitsForAPause) {
  Room room;
  room.run(1s, {{1, -30}, {2, -31}, {3, -32}});
  room.run(3s, {{1, -30}, {2, -31}, {3, -32}, {4, -10}});
  EXPECT_EQ(room.forwarded[4], 0) << "nobody has paused";
  room.run(160ms, {{1, -30}, {2, -75}, {3, -32}, {4, -10}});
  EXPECT_GT(room.forwarded[4], 0);
  EXPECT_FALSE(room.loudest.has_place(2));
  EXPECT_TRUE(room.loudest.has_place(3));
}

TEST(Loudest, ABreathIsNotTakenByOneWhoIsNoLouder) {
  Room room;
  room.run(1s, {{1, -30}, {2, -30}, {3, -30}});
  room.run(1s, {{1, -30}, {2, -30}, {3, -30}, {4, -30}});
  room.run(200ms, {{1, -30}, {2, -30}, {3, -75}, {4, -30}});
  EXPECT_EQ(room.forwarded[4], 0);
  room.run(200ms, {{1, -30}, {2, -30}, {3, -75}, {4, -30}});
  EXPECT_GT(room.forwarded[4], 0) << "a pause is";
}

TEST(Loudest, AClickTakesNobodysPlace) {
  Room room;
  room.run(1s, {{1, -30}, {2, -30}, {3, -30}});
  room.run(200ms, {{1, -75}, {2, -30}, {3, -30}, {4, -75}});
  room.run(100ms, {{1, -75}, {2, -30}, {3, -30}, {4, -5}});
  EXPECT_EQ(room.forwarded[4], 0);
  EXPECT_TRUE(room.loudest.has_place(1));
}

TEST(Loudest, WhoSendsNoLevelsOrIsUnknownIsForwarded) {
  Room room;
  EXPECT_TRUE(room.loudest.on_packet(Instant(), 1, std::nullopt));
  EXPECT_TRUE(room.loudest.on_packet(Instant(), 99, level(-75)));
}

TEST(Loudest, WhoLeavesGivesThePlaceBack) {
  Room room;
  room.run(1s, {{1, -30}, {2, -30}, {3, -30}});
  room.loudest.remove(2);
  room.run(100ms, {{1, -30}, {3, -30}, {4, -30}});
  EXPECT_EQ(room.forwarded[4], 5);
}

// Goal: never more than three at once, and nobody is cut within a syllable. Method: eight people
// with syllables and breaths who begin and stop at random, for many seeds.
TEST(LoudestSim, NobodyIsCutWithinAWord) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    constexpr std::size_t kPeople = 8;
    Loudest loudest(3);
    std::deque<Talker> talkers;
    std::vector<bool> was_loud(kPeople);
    std::vector<bool> was_heard(kPeople);
    for (std::size_t i = 0; i < kPeople; ++i) {
      loudest.add(i);
      talkers.emplace_back(seed * 100 + i, -15 - static_cast<int>(random.u32() % 25));
    }
    for (Instant now; now < Instant::at(60s); now = now + kPacket) {
      for (std::size_t i = 0; i < kPeople; ++i) {
        if (random.u32() % 100 == 0) talkers[i].set_talking(random.u32() % 3 == 0);
        const auto spoken = talkers[i].next();
        const bool is_loud = spoken.level_dbov < 50;
        const bool is_heard = loudest.on_packet(now, i, spoken);
        if (was_heard[i] && was_loud[i] && is_loud) ASSERT_TRUE(is_heard) << i;
        was_heard[i] = is_heard;
        was_loud[i] = is_loud;
      }
      // Counted when all have spoken: one who comes later may take a place of this round.
      std::size_t places = 0;
      for (std::size_t i = 0; i < kPeople; ++i) places += loudest.has_place(i) ? 1 : 0;
      ASSERT_LE(places, 3U);
    }
  }
}

}  // namespace
