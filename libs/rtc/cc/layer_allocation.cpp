#include "rtc/cc/layer_allocation.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace rtc {

namespace {

constexpr double kUpMargin = 1.1;

// The next layer above `from` that is sent and wanted.
std::optional<std::size_t> next_layer(const LayerDemand& demand, std::size_t from) {
  const std::size_t last = std::min(demand.preferred, demand.layer_count - 1);
  for (std::size_t layer = from + 1; layer <= last; ++layer) {
    if (demand.rates[layer] > DataRate()) return layer;
  }
  return std::nullopt;
}

std::size_t lowest_layer(const LayerDemand& demand) {
  for (std::size_t layer = 0; layer < demand.layer_count; ++layer) {
    if (demand.rates[layer] > DataRate()) return layer;
  }
  return std::min(demand.current, demand.layer_count - 1);
}

DataRate best_rate(const LayerDemand& demand) {
  DataRate best = demand.rates[demand.chosen];
  for (auto layer = next_layer(demand, demand.chosen); layer; layer = next_layer(demand, *layer)) {
    best = std::max(best, demand.rates[*layer]);
  }
  return best;
}

}  // namespace

LayerAllocation allocate_layers(DataRate budget, std::span<LayerDemand> demands) {
  LayerAllocation result;
  std::ranges::sort(demands, std::ranges::greater{}, [](const LayerDemand& demand) {
    return std::pair(demand.priority, demand.pixels);
  });
  for (LayerDemand& demand : demands) {
    demand.chosen = lowest_layer(demand);
    result.used = result.used + demand.rates[demand.chosen];
    result.wanted = result.wanted + best_rate(demand);
  }
  // A round makes each better by at most one layer; there are no more rounds than layers.
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    for (LayerDemand& demand : demands) {
      const auto better = next_layer(demand, demand.chosen);
      if (!better) continue;
      const DataRate others = DataRate::bps(result.used.bps() - demand.rates[demand.chosen].bps());
      const DataRate needed = demand.rates[*better];
      const bool is_up = *better > demand.current;
      if (others + (is_up ? needed * kUpMargin : needed) > budget) continue;
      demand.chosen = *better;
      result.used = others + needed;
      has_changed = true;
    }
  }
  return result;
}

}  // namespace rtc
