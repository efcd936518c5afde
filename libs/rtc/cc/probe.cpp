#include "rtc/cc/probe.hpp"

#include <algorithm>

namespace rtc {

void Probe::begin(Instant now) {
  begun_ = polled_ = now;
  next_dose_ = now + kDose;
  due_ = 0;
}

void Probe::end(Instant now, bool has_succeeded) {
  rate_ = {};
  next_dose_ = Instant::never();
  if (has_succeeded) wait_ = kWaitFirst;
  allowed_ = now + wait_;
  if (has_succeeded) return;
  wait_ = std::min(std::chrono::duration_cast<Duration>(wait_ * kWaitGrowth), kWaitMost);
}

void Probe::update(Instant now, const Situation& situation) {
  const bool is_content = situation.wanted <= situation.used;
  const DataRate total = std::min(situation.estimate, situation.wanted * kBeyondWish);
  if (is_under_way()) {
    const bool is_over = is_content || situation.is_strained || now - begun_ >= kLongest;
    if (is_over) return end(now, is_content);
  } else {
    if (is_content || situation.is_strained || now < allowed_) return;
    if (total <= situation.used) return;
    begin(now);
  }
  // While the estimate lies just at what is sent anyway, a little more is tried.
  const DataRate least = DataRate::kbps(1);
  rate_ = std::max(DataRate::bps(total.bps() - situation.used.bps()), least);
}

std::int64_t Probe::poll(Instant now) {
  if (!is_under_way()) return 0;
  // After a late tick no more comes at once than two doses.
  const Duration elapsed = std::min<Duration>(now - polled_, 2 * kDose);
  polled_ = now;
  next_dose_ = now + kDose;
  due_ += rate_.bps() * elapsed.count() / 8 / 1'000'000;
  return std::max<std::int64_t>(due_, 0);
}

}  // namespace rtc
