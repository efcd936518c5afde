// The estimator where clocks, feedback and the path itself misbehave: each time it is near the
// right rate two seconds later, and never far from it.
#include <gtest/gtest.h>

#include "tests/cc/media_flow.hpp"
#include "tests/cc/sim_figures.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::TransportFeedback;
using rtc::testing::Figure;
using rtc::testing::MediaFlow;
using rtc::testing::seed_count;
using rtc::testing::SharedPath;
using rtc::testing::Watch;

constexpr DataRate kCapacity = DataRate::kbps(2500);
constexpr Instant kEvent = Instant::at(20s);

// Of the estimate, in parts of the capacity.
struct Seen {
  Figure after;  // the mean of the third second after the event
  Figure least;
  Figure most;

  void print(const std::string& name) const {
    after.print(name, "estimate 2 to 3 s later");
    least.print(name, "lowest estimate");
    most.print(name, "highest estimate");
  }
};

// Runs a call for 20 s, makes `event(path, flow)` happen, and looks at the estimate from 2 to 3 s
// later, and at all that it was up to 20 s later.
template <class Event>
Seen see(const MediaFlow::Clock& clock, Event&& event) {
  Seen seen;
  for (std::uint64_t seed = 1; seed <= seed_count(); ++seed) {
    SharedPath path(seed, kCapacity);
    MediaFlow flow({}, clock);
    path.add(flow);
    path.run_until(kEvent);
    event(path, flow);
    const Instant begin = path.now();
    double least = 1e9;
    double most = 0;
    double sum = 0;
    Watch(path).until(begin + 20s, [&] {
      const double estimate = flow.target() / path.capacity();
      least = std::min(least, estimate);
      most = std::max(most, estimate);
      if (path.now() > begin + 2s && path.now() <= begin + 3s) sum += estimate / 100;
    });
    seen.after.add(sum);
    seen.least.add(least);
    seen.most.add(most);
  }
  return seen;
}

struct Bounds {
  double least = 0.4;  // ever
  double after = 0.8;  // two seconds later, for each seed; for half of them it is 0.8
};

void expect_near(const Seen& seen, const std::string& name, const Bounds& bounds = {}) {
  seen.print(name);
  EXPECT_GE(seen.after.median(), 0.8) << name;
  EXPECT_GE(seen.after.least(), bounds.after) << name;
  EXPECT_LE(seen.after.most(), 1.2) << name;
  EXPECT_GE(seen.least.least(), bounds.least) << name << ": a collapse";
  EXPECT_LE(seen.most.most(), 1.3) << name << ": a runaway";
}

TEST(ImpairmentsSim, JumpsOfTheReceiversClockAreNoQueue) {
  for (const Duration jump : {64ms, 512ms, 1024ms, 9984ms, 3'600'000ms}) {
    for (const int sign : {1, -1}) {
      const auto ticks = static_cast<std::int32_t>(jump / TransportFeedback::kReferenceTick);
      const Seen seen = see({}, [&](SharedPath&, MediaFlow& flow) { flow.jump(sign * ticks); });
      // A step soon after a cut may be cut for twice, and then takes three seconds.
      const std::string name = "clock jumps by " + std::to_string(sign * (jump / 1ms)) + " ms";
      expect_near(seen, name, {.least = 0.2, .after = 0.4});
    }
  }
}

TEST(ImpairmentsSim, ADriftOfTheReceiversClockIsNoQueue) {
  for (const double drift : {0.0002, -0.0002, 0.001, -0.001}) {
    const Seen seen = see({.drift = drift}, [](SharedPath&, MediaFlow&) {});
    const int ppm = static_cast<int>(drift * 1e6);
    expect_near(seen, "clock drifts by " + std::to_string(ppm) + " ppm", {.least = 0.6});
  }
}

// The reference time has 24 bits of 64 ms, and a sign.
TEST(ImpairmentsSim, CountersWrapUnseen) {
  for (const int bits : {23, 24}) {
    const Duration wraps_at = (1 << bits) * TransportFeedback::kReferenceTick;
    const Seen seen = see({.zero = wraps_at - 20s - 500ms}, [](SharedPath&, MediaFlow&) {});
    expect_near(seen, "reference time wraps at 2^" + std::to_string(bits), {.least = 0.6});
  }
  for (const std::uint16_t first : {std::uint16_t{0x8000}, std::uint16_t{59'000}}) {
    const Seen seen = see({.first = first}, [](SharedPath&, MediaFlow&) {});
    expect_near(seen, "packet numbers from " + std::to_string(first), {.least = 0.6});
  }
}

TEST(ImpairmentsSim, StepsOfTheDelayAreNoQueue) {
  const Seen longer = see({}, [](SharedPath& path, MediaFlow&) { path.tail(0).delay += 50ms; });
  expect_near(longer, "path 50 ms longer");
  const Seen shorter = see({}, [](SharedPath& path, MediaFlow&) {
    path.tail(0).delay += 50ms;
    path.run_until(path.now() + 20s);
    path.tail(0).delay -= 50ms;
  });
  expect_near(shorter, "path 50 ms shorter again");
}

// Half of the rate each second is sent, as nothing tells that the path still is there.
TEST(ImpairmentsSim, ComesBackAfterThreeSecondsWithoutFeedback) {
  const Seen seen = see({}, [](SharedPath& path, MediaFlow&) {
    path.tail(0).drops_reports = true;
    path.run_until(path.now() + 3s);
    path.tail(0).drops_reports = false;
  });
  expect_near(seen, "no feedback for 3 s", {.least = 0.1});
}

TEST(ImpairmentsSim, StaysNearTheRightRateOnABadPath) {
  const Seen reordered = see({}, [](SharedPath& path, MediaFlow&) { path.tail(0).sigma = 5ms; });
  expect_near(reordered, "reordering, sigma 5 ms");
  const Seen deaf = see({}, [](SharedPath& path, MediaFlow&) {
    path.tail(0).report_loss = 0.2;
    path.tail(0).report_burst = 3;
  });
  expect_near(deaf, "20 % of feedback lost, in bursts");
  const Seen three = see({}, [](SharedPath& path, MediaFlow&) { path.set_queue(7ms); });
  expect_near(three, "queue of three packets");
}

// The third second after a stall, with another one five seconds after it.
TEST(ImpairmentsSim, ComesBackAfterStallsOfTwoHundredMilliseconds) {
  const Seen seen = see({}, [](SharedPath& path, MediaFlow&) {
    for (int i = 0; i < 4; ++i) {
      path.stall(200ms);
      path.run_until(path.now() + 5s);
    }
    path.stall(200ms);
  });
  expect_near(seen, "stalls of 200 ms");
}

}  // namespace
