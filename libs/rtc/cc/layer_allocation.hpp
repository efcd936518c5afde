// Divides what a path out can carry among the videos that go over it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/data_rate.hpp"

namespace rtc {

// One video, with the layers that its sender sends just now.
struct LayerDemand {
  static constexpr std::size_t kLayersMax = 8;

  std::array<DataRate, kLayersMax> rates{};  // what each takes with all it needs; 0: not sent now
  std::size_t layer_count = 0;               // 1 to kLayersMax
  std::size_t preferred = 0;                 // none above this
  std::size_t current = 0;                   // goes out now
  std::uint8_t priority = 1;                 // the higher, the sooner it gets better
  std::uint32_t pixels = 0;                  // shown; of the same priority, the larger is sooner
  std::size_t chosen = 0;                    // the answer
  std::uint32_t whose = 0;                   // the caller's: the answers come in another order
};

struct LayerAllocation {
  DataRate used;
  DataRate wanted;  // what all of them would take at their best
};

// Everyone gets the lowest layer that there is, whatever the budget says: a still or missing
// picture is worse than a late one. What is left makes one after another better by one layer, those
// of higher priority first, then those that are shown larger. A layer above the current one must
// fit with a margin, so that none goes up and down all the time. Sorts `demands`.
LayerAllocation allocate_layers(DataRate budget, std::span<LayerDemand> demands);

}  // namespace rtc
