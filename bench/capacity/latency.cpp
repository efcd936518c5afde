#include "latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "rounds.hpp"
#include "setup.hpp"

namespace bench {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kSize = 1200;
constexpr double kLoad = 0.7;
constexpr double kLoadTolerance = 0.03;
constexpr int kPacesMax = 8;  // that are tried until the load is kLoad
constexpr auto kUnderWay = std::chrono::milliseconds{200};

struct Latency {
  std::vector<double> microseconds;  // sorted
  double busy = 0;                   // share of the core

  double percentile(double part) const {
    if (microseconds.empty()) return 0;
    return microseconds[static_cast<std::size_t>(part *
                                                 static_cast<double>(microseconds.size() - 1))];
  }
};

// Bursts at a fixed pace to the program, and in the same moment to a socket of ours; what arrives
// at the receivers is told apart by its sequence number.
class Run {
 public:
  Run(Program& program, std::span<const Socket> receivers, std::size_t burst)
      : program_(program), receivers_(receivers), burst_(burst) {
    tap_.stamp();
    source_.copy_to(tap_.port());
    offsets_.resize(receivers.size());
  }

  Latency pace(Steady::duration interval, Steady::duration time) {
    const std::uint64_t before = program_.child->cpu_ns();
    const auto start = Steady::now();
    auto next = start;
    while (next < start + time) {
      source_.send(program_.port, burst_);
      next += interval;
      do {
        collect();
      } while (Steady::now() < next);
    }
    const std::chrono::duration<double, std::nano> took = Steady::now() - start;
    // What is under way still is not to be taken for another program's.
    for (const auto end = Steady::now() + kUnderWay; Steady::now() < end;) collect();
    Latency latency{.microseconds = std::move(taken_)};
    latency.busy = static_cast<double>(program_.child->cpu_ns() - before) / took.count();
    std::ranges::sort(latency.microseconds);
    taken_.clear();
    return latency;
  }

 private:
  void collect() {
    while (const auto came = tap_.receive_stamped()) {
      came_[came->sequence] = came->nanoseconds;
      if (!first_) first_ = came->sequence;
    }
    for (std::size_t i = 0; i < receivers_.size(); ++i) {
      while (const auto out = receivers_[i].receive_stamped()) {
        // Each stream that goes out has numbers of its own, and begins with our first packet.
        if (!offsets_[i]) offsets_[i] = static_cast<std::uint16_t>(out->sequence - *first_);
        const std::uint64_t came = came_[static_cast<std::uint16_t>(out->sequence - *offsets_[i])];
        taken_.push_back(static_cast<double>(out->nanoseconds - came) / 1000);
      }
    }
  }

  Program& program_;
  std::span<const Socket> receivers_;
  std::size_t burst_;
  Socket tap_;
  Source source_{kSize};
  std::vector<std::uint64_t> came_ = std::vector<std::uint64_t>(65'536);
  std::optional<std::uint16_t> first_;
  std::vector<std::optional<std::uint16_t>> offsets_;
  std::vector<double> taken_;
};

struct Rounds {
  std::vector<double> p50;
  std::vector<double> p99;

  void add(const Latency& latency) {
    p50.push_back(latency.percentile(0.5));
    p99.push_back(latency.percentile(0.99));
  }
};

void print_row(const std::string& folder, std::size_t count, std::size_t burst,
               std::chrono::milliseconds time) {
  std::vector<Socket> receivers(count);
  for (Socket& receiver : receivers) receiver.stamp();
  Program engine = start_engine(folder, Cipher::Gcm, receivers);
  Program limit = start_limit(folder, Cipher::Gcm, receivers);
  Run through_engine(engine, receivers, burst);
  Run through_limit(limit, receivers, burst);

  // What a burst costs depends on how often they come, so the pace is approached.
  Steady::duration interval = std::chrono::milliseconds{10};
  for (int paces = 0; paces < kPacesMax; ++paces) {
    const Latency tried = through_engine.pace(interval, time / kRounds);
    if (std::abs(tried.busy - kLoad) <= kLoadTolerance) break;
    interval = std::chrono::duration_cast<Steady::duration>(interval * (tried.busy / kLoad));
  }
  through_limit.pace(interval, time / kRounds);  // learns its numbers

  Rounds ours;
  Rounds bare;
  std::vector<double> busy;
  for (int round = 0; round < kRounds; ++round) {
    const Latency latency = through_engine.pace(interval, time / kRounds);
    busy.push_back(latency.busy);
    ours.add(latency);
    bare.add(through_limit.pace(interval, time / kRounds));
  }
  fmt::print(
      "| {} | {} | {:.0f} % | {:.0f} µs | {:.0f} µs | {:.2f} | {:.0f} µs | {:.0f} µs | {:.2f} |\n",
      count, burst, median(busy) * 100, median(ours.p50), median(bare.p50),
      median(ours.p50) / median(bare.p50), median(ours.p99), median(bare.p99),
      median(ours.p99) / median(bare.p99));
  std::fflush(stdout);
}

}  // namespace

void print_latency(const std::string& folder, std::chrono::milliseconds time) {
  fmt::print(
      "\n| out | burst | load | p50 | p50 of the limit | times | p99 | p99 of the limit | times |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const std::size_t count : {10, 50, 200}) {
    for (const std::size_t burst : {1, 8}) print_row(folder, count, burst, time);
  }
}

}  // namespace bench
