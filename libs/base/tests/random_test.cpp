#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>

TEST(BufferedRandom, GoesOnBehindTheEndOfItsBuffer) {
  BufferedRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(random.url_safe(12));
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(BufferedRandom, FillsMoreThanItsBuffer) {
  BufferedRandom random;
  std::array<std::uint8_t, 4096> octets{};
  random.fill(octets);
  const std::set<std::uint8_t> seen(octets.begin() + 2048, octets.end());
  EXPECT_GT(seen.size(), 200U);  // of 256; 2048 draws miss more than 50 of them never
}

TEST(BufferedRandom, TwoOfThemDiffer) {
  EXPECT_NE(BufferedRandom().url_safe(12), BufferedRandom().url_safe(12));
}
