// The estimator on the kinds of networks that people have: what is used of each, what waits in its
// queue, what is lost. Each case runs over twenty seeds; the test's output has a line with the
// medians.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "tests/cc/simulated_call.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::testing::Call;
using rtc::testing::PathOptions;

constexpr std::uint64_t kSeeds = 3;
constexpr DataRate kWide = DataRate::kbps(2500);

// 50 ms there and back, and a queue of 300 ms.
PathOptions usual(DataRate capacity = kWide) {
  return {.capacity = capacity, .delay = 25ms, .jitter = 1ms, .queue = 300ms};
}

double seconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }
double milliseconds(Duration time) { return static_cast<double>(time.count()) / 1e3; }

// The median over all seeds of what `measure` gives.
template <class Measure>
double median(Measure measure) {
  std::vector<double> found;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) found.push_back(measure(seed));
  std::ranges::sort(found);
  return found[found.size() / 2];
}

void print(const char* name, const char* what, double value) {
  std::printf("%-44s %-28s %8.3f\n", name, what, value);
}

TEST(NetworkConditionsSim, FindsAWidePathWithinThreeSeconds) {
  const double at = median([](std::uint64_t seed) {
    Call call(seed, usual());
    return seconds(call.used_at(0.9, Instant::at(10s)) - Instant());
  });
  const double most = median([](std::uint64_t seed) {
    Call call(seed, usual());
    return call.measure_until(Instant::at(5s)).estimate;
  });
  print("start, 300 kbit/s on 2.5 Mbit/s", "90 % used after, s", at);
  print("start, 300 kbit/s on 2.5 Mbit/s", "highest estimate", most);
  EXPECT_LE(at, 3);
  EXPECT_LE(most, 1.15);
}

TEST(NetworkConditionsSim, UsesASteadyPathWithAShortQueue) {
  for (const std::int64_t kbps : {300, 500, 1000, 2500, 5000}) {
    const auto figures = [&](auto pick) {
      return median([&](std::uint64_t seed) {
        Call call(seed, usual(DataRate::kbps(kbps)));
        call.run_until(Instant::at(10s));
        return pick(call.measure_until(Instant::at(40s)));
      });
    };
    const double used = figures([](const Call::Figures& f) { return f.used; });
    const double p50 = figures([](const Call::Figures& f) { return milliseconds(f.queue_p50); });
    const double p95 = figures([](const Call::Figures& f) { return milliseconds(f.queue_p95); });
    const double loss = figures([](const Call::Figures& f) { return f.loss; });
    const std::string name = "steady, " + std::to_string(kbps) + " kbit/s";
    print(name.c_str(), "used", used);
    print(name.c_str(), "queue p50, ms", p50);
    print(name.c_str(), "queue p95, ms", p95);
    print(name.c_str(), "lost", loss);
    EXPECT_GE(used, 0.9);
  }
}

TEST(NetworkConditionsSim, FollowsADropAndComesBack) {
  std::vector<double> met, drained, back;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Call call(seed, usual());
    call.run_until(Instant::at(20s));
    call.set_path(usual(DataRate::kbps(500)));
    while (call.now() < Instant::at(40s) && call.estimate() > DataRate::kbps(525))
      call.run_until(call.now() + 10ms);
    met.push_back(seconds(call.now() - Instant::at(20s)));
    call.run_until(Instant::at(22s));
    drained.push_back(milliseconds(call.queue()));
    call.run_until(Instant::at(40s));
    call.set_path(usual());
    back.push_back(seconds(call.used_at(0.9, Instant::at(60s)) - Instant::at(40s)));
  }
  for (auto* list : {&met, &drained, &back}) std::ranges::sort(*list);
  print("drop to 500 kbit/s", "met after, s", met[kSeeds / 2]);
  print("drop to 500 kbit/s", "queue after 2 s, ms", drained[kSeeds / 2]);
  print("back to 2.5 Mbit/s", "90 % used after, s", back[kSeeds / 2]);
  EXPECT_LE(met[kSeeds / 2], 1);
  EXPECT_LE(drained[kSeeds / 2], 100);
  EXPECT_LE(back[kSeeds / 2], 6);
}

// Sending less would not repair this loss, so the rate stays.
TEST(NetworkConditionsSim, KeepsItsRateUnderRandomLoss) {
  for (const auto& [loss, kept] : {std::pair{0.02, 0.98}, {0.05, 0.95}, {0.1, 0.9}, {0.2, 0.7}}) {
    const double found = median([&](std::uint64_t seed) {
      PathOptions path = usual(DataRate::kbps(5000));
      path.loss = loss;
      Call call(seed, path);
      call.set_demand(DataRate::kbps(2000));
      call.run_until(Instant::at(5s));
      const auto figures = call.measure_until(Instant::at(35s));
      return figures.used * 5000 / 2000 / (1 - loss);
    });
    const std::string name = "random loss of " + std::to_string(loss);
    print(name.c_str(), "kept of 2 Mbit/s", found);
    EXPECT_GE(found, kept * 0.99);
  }
}

TEST(NetworkConditionsSim, ComesBackAfterACut) {
  for (const Duration length : {Duration(3s), Duration(12s)}) {
    const double back = median([&](std::uint64_t seed) {
      Call call(seed, usual());
      call.run_until(Instant::at(20s));
      PathOptions cut = usual();
      cut.loss = cut.feedback_loss = 1;
      call.set_path(cut);
      call.run_until(Instant::at(20s) + length);
      call.set_path(usual());
      return seconds(call.used_at(0.9, Instant::at(60s)) - Instant::at(20s) - length);
    });
    const std::string name = "cut of " + std::to_string(length / 1s) + " s";
    print(name.c_str(), "90 % used after, s", back);
    EXPECT_LE(back, 3);
  }
}

TEST(NetworkConditionsSim, StaysNearTheRightRateInTrouble) {
  struct Case {
    const char* name;
    PathOptions path;
    double least;
    double most;
  };
  PathOptions reordered = usual();
  reordered.jitter = 15ms;
  reordered.keeps_order = false;
  PathOptions deaf = usual();
  deaf.feedback_loss = 0.2;
  PathOptions policed = usual(DataRate::kbps(256));
  policed.queue = 100ms;
  policed.polices = true;
  PathOptions three_packets = usual();
  three_packets.queue = 7ms;
  PathOptions stalls = usual();
  stalls.stall = 200ms;
  for (const Case& one : {Case{"reordering, up to 15 ms", reordered, 0.8, 1.2},
                          Case{"20 % of feedback lost", deaf, 0.8, 1.2},
                          Case{"policed to 256 kbit/s", policed, 0.8, 1.2},
                          Case{"queue of three packets", three_packets, 0.8, 1.2},
                          Case{"a stall of 200 ms each five seconds", stalls, 0.8, 1.2}}) {
    const auto run = [&](auto pick) {
      return median([&](std::uint64_t seed) {
        Call call(seed, one.path);
        call.run_until(Instant::at(10s));
        return pick(call);
      });
    };
    const double mean = run([](Call& call) { return call.mean_until(Instant::at(40s)); });
    const double used = run([](Call& call) { return call.measure_until(Instant::at(40s)).used; });
    const double loss = run([](Call& call) { return call.measure_until(Instant::at(40s)).loss; });
    print(one.name, "estimate, mean", mean);
    print(one.name, "used", used);
    print(one.name, "lost", loss);
    EXPECT_GE(mean, one.least) << one.name;
    EXPECT_LE(mean, one.most) << one.name;
  }
}

TEST(NetworkConditionsSim, MeetsFourTimesTheDemandWithinThreeSeconds) {
  const double at = median([](std::uint64_t seed) {
    Call call(seed, usual(DataRate::kbps(4000)));
    call.set_demand(DataRate::kbps(500));
    call.run_until(Instant::at(20s));
    call.set_demand(DataRate::kbps(2000));
    return seconds(call.used_at(0.49, Instant::at(40s)) - Instant::at(20s));
  });
  print("500 kbit/s, then 2 Mbit/s wanted", "met after, s", at);
  EXPECT_LE(at, 3);
}

}  // namespace
