#include "rtc/cc/layer_allocation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <vector>

namespace {

using namespace rtc;

LayerDemand video(std::uint32_t whose, std::vector<int> kbps, std::size_t preferred = 7) {
  LayerDemand demand{.layer_count = kbps.size(), .preferred = preferred, .whose = whose};
  for (std::size_t i = 0; i < kbps.size(); ++i) demand.rates[i] = DataRate::kbps(kbps[i]);
  return demand;
}

std::size_t chosen(const std::vector<LayerDemand>& demands, std::uint32_t whose) {
  return std::ranges::find(demands, whose, &LayerDemand::whose)->chosen;
}

TEST(LayerAllocation, TheLowestLayerIsNeverDropped) {
  std::vector demands{video(1, {100, 500}), video(2, {100, 500})};
  const auto result = allocate_layers(DataRate::kbps(10), demands);
  EXPECT_EQ(chosen(demands, 1), 0U);
  EXPECT_EQ(chosen(demands, 2), 0U);
  EXPECT_EQ(result.used, DataRate::kbps(200));
  EXPECT_EQ(result.wanted, DataRate::kbps(1000));
}

TEST(LayerAllocation, NobodyGetsTheThirdLayerBeforeAllHaveTheSecond) {
  std::vector demands{video(1, {100, 300, 1000}), video(2, {100, 300, 1000})};
  allocate_layers(DataRate::kbps(700), demands);
  EXPECT_EQ(chosen(demands, 1), 1U);
  EXPECT_EQ(chosen(demands, 2), 1U);
}

TEST(LayerAllocation, PriorityGoesFirst) {
  std::vector demands{video(1, {100, 500}), video(2, {100, 500})};
  demands[1].priority = 5;
  allocate_layers(DataRate::kbps(700), demands);
  EXPECT_EQ(chosen(demands, 1), 0U);
  EXPECT_EQ(chosen(demands, 2), 1U);
}

TEST(LayerAllocation, OfTheSamePriorityWhatIsShownLargerGetsBetterFirst) {
  std::vector demands{video(1, {100, 500}), video(2, {100, 500}), video(3, {100, 500})};
  demands[0].pixels = 320 * 180;
  demands[1].pixels = 1280 * 720;
  demands[2].priority = 0;
  demands[2].pixels = 1920 * 1080;
  allocate_layers(DataRate::kbps(800), demands);
  EXPECT_EQ(chosen(demands, 1), 0U);
  EXPECT_EQ(chosen(demands, 2), 1U);
  EXPECT_EQ(chosen(demands, 3), 0U);
}

TEST(LayerAllocation, GoesNotAboveTheWishNorToWhatIsNotSent) {
  std::vector demands{video(1, {100, 300, 900}, 1), video(2, {0, 300, 0, 900})};
  allocate_layers(DataRate::kbps(10'000), demands);
  EXPECT_EQ(chosen(demands, 1), 1U);
  EXPECT_EQ(chosen(demands, 2), 3U);
  demands = {video(2, {0, 300, 0, 900})};
  allocate_layers(DataRate::kbps(400), demands);
  EXPECT_EQ(chosen(demands, 2), 1U);
}

TEST(LayerAllocation, GoesUpWithAMarginAndStaysWithout) {
  std::vector demands{video(1, {100, 500})};
  allocate_layers(DataRate::kbps(520), demands);
  EXPECT_EQ(chosen(demands, 1), 0U);
  allocate_layers(DataRate::kbps(551), demands);
  EXPECT_EQ(chosen(demands, 1), 1U);
  demands[0].current = 1;
  allocate_layers(DataRate::kbps(500), demands);
  EXPECT_EQ(chosen(demands, 1), 1U);
}

TEST(LayerAllocation, NothingSentChangesNothing) {
  std::vector demands{video(1, {0, 0, 0})};
  demands[0].current = 2;
  const auto result = allocate_layers(DataRate::kbps(500), demands);
  EXPECT_EQ(chosen(demands, 1), 2U);
  EXPECT_EQ(result.used, DataRate());
}

}  // namespace
