// An estimate of how much a path out can carry (draft-ietf-rmcat-gcc-02): by growing delay, and by
// loss that grows with the rate, both from the receiver's transport feedback; by REMB where it
// sends none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/data_rate.hpp"
#include "base/time.hpp"
#include "rtc/cc/acked_rate.hpp"
#include "rtc/cc/delay_trend.hpp"
#include "rtc/cc/loss_bound.hpp"
#include "rtc/cc/queue_delay.hpp"
#include "rtc/cc/send_history.hpp"

namespace rtc {

// One a transport. What a receiver claims cannot lift the estimate over half as much again as what
// was really sent, nor out of the bounds of the options. Allocates when made, never later.
class BandwidthEstimator {
 public:
  struct Options {
    DataRate start = DataRate::kbps(300);
    DataRate min = DataRate::kbps(30);
    DataRate max = DataRate::kbps(50'000);
  };

  static constexpr Duration kSilence = std::chrono::seconds{1};

  BandwidthEstimator() : BandwidthEstimator(Options{}) {}
  explicit BandwidthEstimator(const Options& options);

  // Of each packet that carries a transport-wide number; `octets` of the whole datagram.
  void on_sent(Instant now, std::uint16_t transport_sequence, std::size_t octets);
  void on_feedback(Instant now, const TransportFeedback& feedback);
  // Counts until the first transport feedback alone.
  void on_remb(Instant now, DataRate limit);

  DataRate estimate() const;
  Duration rtt() const { return rtt_; }
  // How long the newest packet waited on its way.
  Duration queue_delay() const { return queue_.now(); }
  // There was transport feedback: nothing else tells what a probe finds.
  bool has_feedback() const { return has_feedback_; }
  // The path is full, or was so within a second.
  bool is_strained(Instant now) const;

 private:
  struct Cut {
    Instant at;
    DataRate carried;
    std::optional<Duration> waited;  // by the first packet sent after it
  };

  void on_over_use(Instant now);
  void cut(Instant now, DataRate carried);
  bool stands(Instant now, Duration waited);
  void judge_cut(Instant newest_sent, Duration waited);
  void try_less(Instant now);
  void resume(Instant now);
  void grow(Instant now, Duration elapsed, Duration waited);
  void set_rate(DataRate rate) { rate_ = std::clamp(rate, options_.min, options_.max); }

  Options options_;
  SendHistory history_;
  AckedRate acked_;
  DelayTrend trend_;
  QueueDelay queue_;
  LossBound losses_;

  DataRate rate_;
  std::optional<DataRate> limit_;  // what the path carried when it was last full
  bool has_feedback_ = false;
  Duration rtt_ = std::chrono::milliseconds{100};
  Instant updated_;
  std::optional<Instant> cut_at_;
  std::optional<Instant> long_since_;     // the queue, and no shorter
  std::optional<Cut> unjudged_;           // until it shows what it did to the queue
  std::optional<Instant> tried_at_;       // with less, to see whether less is lost
  std::optional<Instant> resumed_at_;     // after feedback had stayed out
  std::optional<std::int64_t> reported_;  // the newest packet that feedback told of
  std::optional<Instant> waiting_since_;  // for feedback
  int silent_seconds_ = 0;                // for which feedback has stayed out
};

}  // namespace rtc
