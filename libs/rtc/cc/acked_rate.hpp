// How fast a path was seen to deliver.
#pragma once

#include <array>
#include <optional>

#include "base/data_rate.hpp"
#include "rtc/cc/send_history.hpp"

namespace rtc {

// The rate over about the last half second of packets: over the time in which they arrived, or were
// sent where that is longer. So neither a burst after a stall nor a receiver's lie makes it higher
// than what was sent.
class AckedRate {
 public:
  static constexpr Duration kSample = std::chrono::milliseconds{120};

  // Of a packet that arrived, in the order of sending.
  void on_packet(Instant sent, Duration arrival, std::size_t octets);
  // What became of the next packets is not known: the sample under way ends unused.
  void interrupt() { first_sent_.reset(); }
  // nullopt before the first sample.
  std::optional<DataRate> rate() const;
  // The second highest of the samples: a pause of the path, after which it delivers what waited,
  // does not lower it.
  std::optional<DataRate> sustained() const;
  // Over the newest sample alone.
  std::optional<DataRate> newest() const;

 private:
  static constexpr std::size_t kSamples = 4;

  struct Sample {
    std::int64_t octets = 0;
    Duration time{0};
  };

  void begin(Instant sent, Duration arrival);

  std::optional<Instant> first_sent_;
  Duration first_arrival_{0};
  std::int64_t octets_ = 0;
  std::array<Sample, kSamples> samples_{};
  std::size_t count_ = 0;  // ever made
};

}  // namespace rtc
