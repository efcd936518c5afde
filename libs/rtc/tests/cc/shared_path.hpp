// Several flows over one path in virtual time: a bottleneck for each direction, and for each flow a
// delay of its own behind it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/data_rate.hpp"
#include "netsim/link.hpp"
#include "netsim/world.hpp"

namespace rtc::testing {

using namespace std::chrono_literals;

struct Datagram {
  std::size_t flow = 0;
  bool is_report = false;
  std::int64_t number = 0;
  std::size_t octets = 0;
  std::vector<std::uint8_t> report;
};

// One sender and its receiver. Its packets leave when the path calls tick().
class Flow {
 public:
  using Outbox = std::vector<Datagram>;

  virtual ~Flow() = default;
  virtual Instant next_timeout() const = 0;
  virtual void tick(Instant now, Outbox& out) = 0;
  // At the receiver.
  virtual void on_packet(Instant now, const Datagram& packet) = 0;
  // At the sender.
  virtual void on_report(Instant now, const Datagram& report) = 0;
  // The rate that the sender believes in; zero where it has none.
  virtual DataRate target() const { return {}; }
};

// The part of the path that one flow has for itself.
struct Tail {
  Duration delay = 25ms;  // one way
  Duration jitter = 1ms;  // evenly from nothing to this, in order
  Duration sigma{0};      // of a normal distribution, which reorders
  double report_loss = 0;
  double report_burst = 1;  // reports lost in a row, in the mean
  bool drops_reports = false;
  int way = 0;  // of the media; reports go the other way
};

class SharedPath {
 public:
  SharedPath(std::uint64_t seed, DataRate capacity, Duration queue = 300ms)
      : world_(seed), ways_{Way(seed, capacity, queue), Way(seed + 1, {}, queue)} {}

  std::size_t add(Flow& flow, const Tail& tail = {}) {
    flows_.push_back({.flow = &flow, .tail = tail});
    return flows_.size() - 1;
  }
  Tail& tail(std::size_t flow) { return flows_[flow].tail; }
  void set_capacity(DataRate capacity, int way = 0) { ways_[at(way)].set(capacity); }
  void set_queue(Duration queue) { ways_[0].set_queue(queue); }
  void stall(Duration length) { ways_[0].link.stall(now() + length); }

  Instant now() const { return world_.now(); }
  DataRate capacity(int way = 0) const { return ways_[at(way)].capacity; }
  Duration queue(int way = 0) const { return ways_[at(way)].link.queue(now()); }
  std::int64_t arrived(std::size_t flow) const { return flows_[flow].arrived; }
  std::int64_t sent(std::size_t flow) const { return flows_[flow].sent; }
  std::uint64_t dropped() const { return ways_[0].link.dropped(); }
  std::size_t flows() const { return flows_.size(); }

  void run_until(Instant end) {
    for (;;) {
      Instant next = Instant::never();
      for (const Way& way : ways_) next = std::min(next, way.next_timeout());
      for (const Member& member : flows_) next = std::min(next, member.flow->next_timeout());
      if (!world_.advance(end, {next})) return;
      step();
    }
  }

 private:
  struct Way {
    Way(std::uint64_t seed, DataRate rate, Duration queue)
        : options{.rate_bps = static_cast<std::uint64_t>(rate.bps()),
                  .queue_max = queue,
                  .seed = seed},
          link(options),
          capacity(rate) {}
    void set(DataRate rate) {
      capacity = rate;
      options.rate_bps = static_cast<std::uint64_t>(rate.bps());
      link.set_options(options);
    }
    void set_queue(Duration queue) {
      options.queue_max = queue;
      link.set_options(options);
    }
    Instant next_timeout() const {
      const Instant first = in_flight.empty() ? Instant::never() : in_flight.begin()->first;
      return std::min(link.next_timeout(), first);
    }

    sim::LinkOptions options;
    sim::Link<Datagram> link;
    DataRate capacity;
    std::multimap<Instant, Datagram> in_flight;  // behind the bottleneck
  };

  struct Member {
    Flow* flow;
    Tail tail;
    std::int64_t sent = 0;     // octets
    std::int64_t arrived = 0;  // octets
    std::array<Instant, 2> last_arrival{};
    bool loses_reports = false;
  };

  static std::size_t at(int way) { return static_cast<std::size_t>(way); }
  double chance() { return world_.random().u32() / 4294967296.0; }

  Duration noise(const Tail& tail) {
    if (tail.sigma == Duration{0}) return microseconds(tail.jitter, chance());
    // Twelve even numbers add up to about a normal one.
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += chance();
    return std::max(microseconds(tail.sigma, sum), -tail.delay);
  }
  static Duration microseconds(Duration scale, double factor) {
    return Duration{static_cast<std::int64_t>(static_cast<double>(scale.count()) * factor)};
  }

  // Whether the next report vanishes: a chain of two states, as bursts have.
  bool loses(Member& member) {
    const Tail& tail = member.tail;
    if (tail.drops_reports) return true;
    if (tail.report_loss <= 0) return false;
    const double leave = 1 / tail.report_burst;
    const double enter = leave * tail.report_loss / (1 - tail.report_loss);
    member.loses_reports = member.loses_reports ? chance() >= leave : chance() < enter;
    return member.loses_reports;
  }

  void behind_bottleneck(Way& way, std::size_t number, Datagram datagram) {
    Member& member = flows_[datagram.flow];
    if (datagram.is_report && loses(member)) return;
    Instant arrival = now() + member.tail.delay + noise(member.tail);
    if (member.tail.sigma == Duration{0}) {
      arrival = std::max(arrival, member.last_arrival[number]);
      member.last_arrival[number] = arrival;
    }
    way.in_flight.emplace(arrival, std::move(datagram));
  }

  void step() {
    for (std::size_t number = 0; number < ways_.size(); ++number) {
      Way& way = ways_[number];
      while (auto datagram = way.link.poll(now())) {
        behind_bottleneck(way, number, std::move(*datagram));
      }
      while (!way.in_flight.empty() && way.in_flight.begin()->first <= now()) {
        const Datagram datagram = std::move(way.in_flight.begin()->second);
        way.in_flight.erase(way.in_flight.begin());
        deliver(datagram);
      }
    }
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      if (flows_[i].flow->next_timeout() > now()) continue;
      flows_[i].flow->tick(now(), outbox_);
      for (Datagram& datagram : outbox_) post(i, std::move(datagram));
      outbox_.clear();
    }
  }

  void deliver(const Datagram& datagram) {
    Member& member = flows_[datagram.flow];
    if (datagram.is_report) return member.flow->on_report(now(), datagram);
    member.arrived += static_cast<std::int64_t>(datagram.octets);
    member.flow->on_packet(now(), datagram);
  }

  void post(std::size_t flow, Datagram datagram) {
    Member& member = flows_[flow];
    datagram.flow = flow;
    const int way = datagram.is_report ? 1 - member.tail.way : member.tail.way;
    const std::size_t octets = datagram.octets;
    if (!datagram.is_report) member.sent += static_cast<std::int64_t>(octets);
    ways_[at(way)].link.send(now(), std::move(datagram), octets);
  }

  sim::World world_;
  std::array<Way, 2> ways_;
  std::vector<Member> flows_;
  Flow::Outbox outbox_;
};

}  // namespace rtc::testing
