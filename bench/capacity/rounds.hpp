// Programs are measured in turn, round by round: a round in which the machine did something else
// does not decide.
#pragma once

#include <algorithm>
#include <vector>

namespace bench {

inline constexpr int kRounds = 11;  // of each program, of which the median counts

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace bench
