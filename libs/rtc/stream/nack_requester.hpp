// Decides which missing packets to ask for, and when (RFC 4585 section 6.2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"

namespace rtc {

// Facts come in through on_*(), decisions leave through poll_nack(), and next_timeout() says when
// to come back. Sequence numbers are already unwrapped to 64 bits. Allocates when made, never
// later.
class NackRequester {
 public:
  struct Limits {
    std::size_t missing_max = 1000;  // beyond this a key frame is cheaper
    int tries_max = 10;
    Duration reorder = std::chrono::milliseconds{10};      // what comes this late was not lost
    Duration retry_floor = std::chrono::milliseconds{20};  // however short the round trip
    Duration retry_ceiling = std::chrono::seconds{1};
  };

  NackRequester() : NackRequester(Limits{}) {}
  explicit NackRequester(const Limits& limits) : limits_(limits) {
    missing_.reserve(limits.missing_max);
  }

  void on_packet(Instant now, std::int64_t sequence);

  // Writes the sequence numbers due at `now` to the front of `sequences`, ascending, and returns
  // those. Each one handed out counts as a try; what does not fit stays due.
  std::span<const std::int64_t> poll_nack(Instant now, std::span<std::int64_t> sequences);

  // The stream has fallen silent: missing packets are neither asked for nor replaced by a key
  // frame.
  void forget();

  // True once after packets were given up: only a key frame mends that.
  bool poll_key_frame_wanted();

  // No later than when poll_nack() can return something; never() when nothing is missing.
  Instant next_timeout() const { return next_due_; }

 private:
  struct Missing {
    std::int64_t sequence = 0;
    Instant due;
    Instant asked;  // the last time
    int tries = 0;
  };

  void give_up();
  void learn(Instant now, const Missing& came);
  Duration retry() const;

  Limits limits_;
  // From a request to what it brought, smoothed; a guess until the first.
  Duration rtt_ = std::chrono::milliseconds{100};
  bool has_rtt_ = false;
  // While answers come only after a second request, whose answer they are is not known: the wait
  // grows by this factor until the first request is answered in time (Karn's algorithm).
  int patience_ = 1;
  Instant waits_longer_;  // since then
  std::optional<std::int64_t> newest_;
  std::vector<Missing> missing_;  // ascending
  Instant next_due_ = Instant::never();
  bool key_frame_wanted_ = false;
};

}  // namespace rtc
