// When to send more than there is to send, to learn whether the path would carry it.
#pragma once

#include <cstdint>

#include "base/data_rate.hpp"
#include "base/time.hpp"

namespace rtc {

// One a transport. An estimate grows no higher than what is sent allows to see. Where receivers
// wish for more, padding fills up what is sent to the estimate, in small doses, so that it can grow
// on, and the first sign of a full path ends that. What does not come to the wish waits longer each
// time.
class Probe {
 public:
  static constexpr Duration kDose = std::chrono::milliseconds{20};
  static constexpr Duration kLongest = std::chrono::seconds{6};
  static constexpr Duration kWaitFirst = std::chrono::seconds{2};
  static constexpr Duration kWaitMost = std::chrono::seconds{30};
  static constexpr double kWaitGrowth = 1.5;
  static constexpr double kBeyondWish = 1.2;  // a layer must fit with a margin

  struct Situation {
    DataRate estimate;
    DataRate used;    // by what is sent anyway
    DataRate wanted;  // by what receivers wish for
    bool is_strained = false;
  };

  void update(Instant now, const Situation& situation);
  // Octets of padding that are to be sent now.
  std::int64_t poll(Instant now);
  // So many were sent.
  void on_sent(std::int64_t octets) { due_ -= octets; }
  bool is_under_way() const { return rate_ > DataRate(); }
  // never() when none is under way.
  Instant next_timeout() const { return next_dose_; }

 private:
  void begin(Instant now);
  void end(Instant now, bool has_succeeded);

  DataRate rate_;  // of padding; zero: none is under way
  std::int64_t due_ = 0;
  Instant begun_;
  Instant polled_;
  Instant next_dose_ = Instant::never();
  Instant allowed_;  // not before this
  Duration wait_ = kWaitFirst;
};

}  // namespace rtc
