// Figures of simulations: how many seeds they are made with, what was seen on a path, and how they
// are printed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/cc/shared_path.hpp"

namespace rtc::testing {

// Three, or what CC_SIM_SEEDS says.
inline std::uint64_t seed_count() {
  const char* const told = std::getenv("CC_SIM_SEEDS");
  return std::max<std::uint64_t>(told == nullptr ? 3 : std::strtoull(told, nullptr, 10), 1);
}

// A bench has the time for the long cases.
inline bool is_bench() { return seed_count() > 3; }

inline double in_seconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }
inline double in_ms(Duration time) { return static_cast<double>(time.count()) / 1e3; }

// One figure over all seeds.
class Figure {
 public:
  void add(double value) {
    values_.push_back(value);
    std::ranges::sort(values_);
  }
  double median() const { return values_[values_.size() / 2]; }
  double least() const { return values_.front(); }
  double most() const { return values_.back(); }

  // One row of the table in bench/results.
  void print(const std::string& name, const char* what) const {
    std::printf("| %s | %s | %.3f | %.3f | %.3f |\n", name.c_str(), what, median(), least(),
                most());
  }

 private:
  std::vector<double> values_;
};

// What was seen between two moments, sampled every 10 ms.
class Watch {
 public:
  explicit Watch(SharedPath& path, int way = 0) : path_(path), way_(way) {
    for (std::size_t i = 0; i < path.flows(); ++i) base_.push_back(path.arrived(i));
  }

  template <class Each>
  void until(Instant end, Each&& each) {
    while (path_.now() < end) {
      path_.run_until(std::min(end, path_.now() + 10ms));
      offered_ += in_seconds(10ms) * static_cast<double>(path_.capacity(way_).bps());
      queues_.push_back(path_.queue(way_));
      each();
    }
  }
  void until(Instant end) {
    until(end, [] {});
  }

  // Bits that flow `i` got through, in parts of what the bottleneck could carry.
  double share(std::size_t i) const {
    return static_cast<double>(path_.arrived(i) - base_[i]) * 8 / offered_;
  }
  double used() const {
    double sum = 0;
    for (std::size_t i = 0; i < base_.size(); ++i) sum += share(i);
    return sum;
  }
  double jain() const {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < base_.size(); ++i) {
      const auto octets = static_cast<double>(path_.arrived(i) - base_[i]);
      sum += octets;
      squares += octets * octets;
    }
    return sum * sum / (static_cast<double>(base_.size()) * squares);
  }
  double queue_ms(double part) {
    std::ranges::sort(queues_);
    const auto last = static_cast<double>(queues_.size() - 1);
    return in_ms(queues_[static_cast<std::size_t>(last * part)]);
  }

 private:
  SharedPath& path_;
  int way_;
  double offered_ = 0;
  std::vector<std::int64_t> base_;
  std::vector<Duration> queues_;
};

}  // namespace rtc::testing
