#include "rtc/srtp/replay_window.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"

namespace {

using rtc::ReplayWindow;

TEST(ReplayWindow, AgreesWithASetOfAllThatCame) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    ReplayWindow window;
    std::set<std::uint64_t> seen;
    std::uint64_t newest = random.u32() % 70000;
    for (int i = 0; i < 20000; ++i) {
      const std::uint32_t kind = random.u32() % 100;
      const std::uint64_t jump = kind == 0 ? random.u32() % 5000 : random.u32() % 3;
      const std::uint64_t back = random.u32() % 1500;
      const bool forwards = kind < 60;
      const std::uint64_t index = forwards ? newest + jump : newest - std::min(newest, back);
      const bool too_old = window.started() && index < window.newest() &&
                           window.newest() - index >= ReplayWindow::kSize;
      ASSERT_EQ(window.is_new(index), !too_old && !seen.contains(index)) << index;
      if (!window.is_new(index)) continue;
      window.mark(index);
      seen.insert(index);
      newest = std::max(newest, index);
    }
  }
}

TEST(ReplayWindow, KnowsItsEdges) {
  ReplayWindow window;
  EXPECT_TRUE(window.is_new(0));
  window.mark(5000);
  EXPECT_FALSE(window.is_new(5000));
  EXPECT_TRUE(window.is_new(5000 - ReplayWindow::kSize + 1));
  EXPECT_FALSE(window.is_new(5000 - ReplayWindow::kSize));
  window.mark(std::uint64_t{1} << 47);
  EXPECT_FALSE(window.is_new(5000));
  EXPECT_TRUE(window.is_new((std::uint64_t{1} << 47) - 1));
}

}  // namespace
