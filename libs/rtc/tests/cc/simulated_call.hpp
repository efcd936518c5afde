// A sender that follows the estimate, a simulated path and a receiver with the real recorder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "netsim/link.hpp"
#include "netsim/world.hpp"
#include "rtc/cc/bandwidth_estimator.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/stream/transport_feedback_recorder.hpp"

namespace rtc::testing {

using namespace std::chrono_literals;

inline constexpr std::int64_t kOctets = 1000;  // of a packet

struct PathOptions {
  DataRate capacity = DataRate::kbps(1000);
  Duration delay = 30ms;  // one way
  Duration jitter{0};
  Duration queue = 200ms;
  double loss = 0;
  double feedback_loss = 0;
  bool keeps_order = true;
  bool polices = false;
  Duration stall{0};  // of the bottleneck, every five seconds
};

// A sender that uses all it is told it may, up to what it has to send; a path; a receiver.
class Call {
 public:
  Call(std::uint64_t seed, const PathOptions& path)
      : world_(seed), path_(path), media_(link_of(path)), feedback_(back_of(path)) {}

  void set_path(const PathOptions& path) {
    path_ = path;
    media_.set_options(link_of(path));
    feedback_.set_options(back_of(path));
  }
  void set_demand(DataRate demand) { demand_ = demand; }
  Instant now() const { return world_.now(); }
  DataRate estimate() const { return estimator_.estimate(); }
  Duration queue() const { return media_.queue(world_.now()); }
  std::uint64_t dropped() const { return media_.dropped(); }

  void run_until(Instant end) {
    while (world_.advance(end, {next_send_, media_.next_timeout(), recorder_.next_timeout(),
                                feedback_.next_timeout()}))
      step();
  }

  // What happened from now until `end`.
  struct Figures {
    double used = 0;      // of the capacity
    double estimate = 0;  // the highest, in parts of the capacity
    double loss = 0;      // of what was sent
    Duration queue_p50{0};
    Duration queue_p95{0};
  };
  Figures measure_until(Instant end) {
    const Instant begin = now();
    const std::int64_t sent = sent_;
    const std::int64_t arrived = arrived_;
    const std::uint64_t lost = dropped();
    Figures figures;
    std::vector<Duration> queues;
    while (now() < end) {
      run_until(now() + 10ms);
      queues.push_back(media_.queue(now()));
      figures.estimate = std::max(figures.estimate, estimate() / path_.capacity);
    }
    std::ranges::sort(queues);
    figures.queue_p50 = queues[queues.size() / 2];
    figures.queue_p95 = queues[queues.size() * 95 / 100];
    figures.used = DataRate::of((arrived_ - arrived) * kOctets, now() - begin) / path_.capacity;
    figures.loss = static_cast<double>(dropped() - lost) / static_cast<double>(sent_ - sent);
    return figures;
  }
  // When the path was first used to `part` of its capacity over 200 ms, from now on; at most until
  // `end`.
  Instant used_at(double part, Instant end) {
    while (now() < end) {
      const std::int64_t before = arrived_;
      run_until(now() + 200ms);
      if (DataRate::of((arrived_ - before) * kOctets, 200ms) >= path_.capacity * part) break;
    }
    return now();
  }

  // The mean of the estimate from now until `end`, in parts of the capacity.
  double mean_until(Instant end) {
    double sum = 0;
    int samples = 0;
    while (now() < end) {
      run_until(now() + 50ms);
      sum += estimate() / path_.capacity;
      ++samples;
    }
    return sum / samples;
  }

 private:
  sim::LinkOptions link_of(const PathOptions& path) {
    return {.delay = path.delay,
            .jitter = path.jitter,
            .keeps_order = path.keeps_order,
            .loss = path.loss,
            .rate_bps = static_cast<std::uint64_t>(path.capacity.bps()),
            .queue_max = path.queue,
            .polices = path.polices,
            .seed = world_.fork_seed()};
  }

  sim::LinkOptions back_of(const PathOptions& path) {
    return {.delay = path.delay, .loss = path.feedback_loss, .seed = world_.fork_seed()};
  }

  void step() {
    if (path_.stall > Duration{0} && next_stall_ <= now()) {
      media_.stall(now() + path_.stall);
      next_stall_ = now() + 5s;
    }
    if (next_send_ <= now()) {
      media_.send(now(), sequence_, kOctets);
      ++sent_;
      estimator_.on_sent(now(), sequence_++, kOctets);
      next_send_ = now() + std::min(estimate(), demand_).time_of(kOctets);
    }
    while (const auto sequence = media_.poll(now())) {
      recorder_.on_packet(now(), *sequence, 1);
      ++arrived_;
    }
    std::array<std::uint8_t, TransportFeedbackBuilder::kSizeMax> buffer;
    for (;;) {
      const Bytes report = recorder_.poll_feedback(now(), buffer);
      if (report.empty()) break;
      feedback_.send(now(), std::vector(report.begin(), report.end()));
    }
    while (const auto report = feedback_.poll(now())) {
      RtcpReader reader(*report);
      const auto feedback = TransportFeedback::parse(*reader.next());
      ASSERT_TRUE(feedback);
      estimator_.on_feedback(now(), *feedback);
    }
  }

  sim::World world_;
  PathOptions path_;
  sim::Link<std::uint16_t> media_;
  sim::Link<std::vector<std::uint8_t>> feedback_;
  TransportFeedbackRecorder recorder_{{}};
  BandwidthEstimator estimator_;
  std::uint16_t sequence_ = 65'000;
  Instant next_send_;
  Instant next_stall_;
  std::int64_t sent_ = 0;
  std::int64_t arrived_ = 0;
  DataRate demand_ = DataRate::kbps(100'000);
};

}  // namespace rtc::testing
