#include "rtc/stream/number_rewriter.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.hpp"

namespace {

using rtc::NumberRewriter;

TEST(NumberRewriter, StartsWhereItIsToldAndClosesTheGapsOfWhatIsLeftOut) {
  NumberRewriter numbers(100);
  EXPECT_EQ(numbers.forward(7), 100);
  EXPECT_EQ(numbers.forward(8), 101);
  numbers.drop(9);
  numbers.drop(10);
  EXPECT_EQ(numbers.forward(11), 102);
  EXPECT_EQ(numbers.forward(9), std::nullopt);
  EXPECT_EQ(numbers.forward(6), std::nullopt);
}

TEST(NumberRewriter, KeepsTheNumbersOfWhatIsMissing) {
  NumberRewriter numbers(0);
  EXPECT_EQ(numbers.forward(50), 0);
  EXPECT_EQ(numbers.forward(53), 3);
  numbers.drop(55);
  EXPECT_EQ(numbers.forward(56), 5);
  EXPECT_EQ(numbers.forward(52), 2);
  EXPECT_EQ(numbers.forward(51), 1);
  EXPECT_EQ(numbers.forward(54), 4);
  EXPECT_EQ(numbers.forward(54), 4);
}

TEST(NumberRewriter, WhatIsLeftOutLateLeavesItsNumberBehind) {
  NumberRewriter numbers(0);
  EXPECT_EQ(numbers.drop(49), std::nullopt);
  EXPECT_EQ(numbers.forward(50), 0);
  EXPECT_EQ(numbers.drop(51), std::nullopt);
  EXPECT_EQ(numbers.forward(54), 3);
  EXPECT_EQ(numbers.drop(53), 2);
  EXPECT_EQ(numbers.drop(53), std::nullopt);
  EXPECT_EQ(numbers.forward(53), std::nullopt);
  EXPECT_EQ(numbers.source_of(2), std::nullopt);
  EXPECT_EQ(numbers.forward(52), 1);
  EXPECT_EQ(numbers.source_of(1), 52);
  EXPECT_EQ(numbers.drop(49), std::nullopt);
}

TEST(NumberRewriter, GoesOnOverAnotherSource) {
  NumberRewriter numbers(10);
  EXPECT_EQ(numbers.forward(1000), 10);
  numbers.change_source();
  numbers.drop(3);
  EXPECT_EQ(numbers.forward(5), 11);
  EXPECT_EQ(numbers.forward(4), std::nullopt);
  EXPECT_EQ(numbers.forward(1000 + 5 - 1024), std::nullopt);
}

TEST(NumberRewriter, ABreakOfTheSourceLeavesNoGap) {
  NumberRewriter numbers(0);
  EXPECT_EQ(numbers.forward(1), 0);
  EXPECT_EQ(numbers.forward(std::int64_t{1} << 40), 1);
  EXPECT_EQ(numbers.forward(5), std::nullopt);
}

TEST(NumberRewriter, WhatIsMissingAndNotWantedLeavesNoGapAndNeverComes) {
  NumberRewriter numbers(0);
  numbers.close_gap(9);
  EXPECT_EQ(numbers.forward(10), 0);
  numbers.close_gap(14);
  EXPECT_EQ(numbers.forward(14), 1);
  EXPECT_EQ(numbers.forward(12), std::nullopt);
  EXPECT_EQ(numbers.drop(13), std::nullopt);
  EXPECT_EQ(numbers.forward(16), 3);
  numbers.close_gap(16);
  EXPECT_EQ(numbers.forward(15), 2) << "too late to close";
}

TEST(NumberRewriter, FindsWhatWentOutAsWhat) {
  NumberRewriter numbers(500);
  numbers.forward(10);
  numbers.drop(11);
  numbers.forward(12);
  EXPECT_EQ(numbers.source_of(500), 10);
  EXPECT_EQ(numbers.source_of(501), 12);
  EXPECT_EQ(numbers.source_of(502), std::nullopt);
  EXPECT_EQ(numbers.source_of(499), std::nullopt);
  EXPECT_EQ(numbers.insert(), 502);
  EXPECT_EQ(numbers.forward(13), 503);
  EXPECT_EQ(numbers.source_of(502), std::nullopt);
}

// Goal: whatever is lost, late, left out and switched, no number comes twice, and each number that
// is never used belongs to something that was lost. Method: random steps against a plain record.
TEST(NumberRewriter, NeverRepeatsANumberOverRandomSwitches) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    NumberRewriter numbers(random.u32() % 32768);
    std::set<std::int64_t> used;
    std::map<std::int64_t, std::int64_t> outs;  // of the present source
    std::int64_t next = random.u32() % 65536;
    std::set<std::int64_t> lost;
    std::size_t still_lost = 0;
    std::int64_t first_out = -1;
    for (int i = 0; i < 3000; ++i) {
      const std::uint32_t kind = random.u32() % 100;
      if (kind == 0) {
        numbers.change_source();
        still_lost += lost.size();
        lost.clear();
        outs.clear();
        next = random.u32() % 65536;
      } else if (kind < 10) {
        if (!outs.empty()) lost.insert(next);
        ++next;
      } else if (kind < 30) {
        numbers.drop(next++);
      } else if (kind < 35 && !lost.empty() && *lost.rbegin() > next - 500) {
        const auto late = *lost.rbegin();
        if (late > outs.rbegin()->first) continue;  // nothing came after it yet
        const auto out = numbers.forward(late);
        ASSERT_TRUE(out);
        ASSERT_TRUE(used.insert(*out).second);
        lost.erase(late);
      } else {
        const auto out = numbers.forward(next);
        ASSERT_TRUE(out);
        ASSERT_TRUE(used.insert(*out).second) << *out;
        if (first_out < 0) first_out = *out;
        outs[next] = *out;
        ++next;
      }
    }
    const auto span = static_cast<std::size_t>(*used.rbegin() - first_out + 1);
    EXPECT_LE(span - used.size(), still_lost + lost.size());
  }
}

}  // namespace
