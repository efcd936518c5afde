#include "rtc/cc/loss_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rtc {

namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();
// Older windows count less, each by this factor: the path may have changed.
constexpr double kFade = 0.85;
// A loss of nothing, or of everything, would make one packet to the contrary decide alone.
constexpr double kLossMin = 0.002;
constexpr double kLossMax = 0.98;
// By how much the logarithm of the likelihood must be better: a bound has one parameter more (about
// Akaike's criterion, twice over, since a needless bound costs more than a window of loss).
constexpr double kEvidence = 4;
// Sent at less than this times the assumed capacity: loss there is the path's own.
constexpr double kWithin = 1.02;
// So many windows at about one rate, each with much loss, are worth an experiment.
constexpr std::size_t kUnclearWindows = 4;
constexpr double kUnclearLoss = 0.15;
constexpr double kConstant = 0.8;
// A window that loses more than this is a cut of the path, which says nothing of the rate. If it
// goes on, the rate is far too high, or the path of no use at any.
constexpr double kHeavy = 0.7;

}  // namespace

void LossBound::on_packet(const PacketResult& result) {
  if (result.was_lost) {  // it came after all
    current_.lost = std::max(0, current_.lost - 1);
    current_.bursts = std::min(current_.bursts, current_.lost);
    return;
  }
  if (!first_sent_) first_sent_ = result.sent;
  const bool is_full = result.sent - *first_sent_ >= kWindow && current_.packets >= kPacketsMin;
  if (is_full) finish(result.sent);
  octets_ += static_cast<std::int64_t>(result.octets);
  ++current_.packets;
  const bool is_lost = !result.arrival;
  if (is_lost) ++current_.lost;
  if (is_lost && !was_last_lost_) ++current_.bursts;
  was_last_lost_ = is_lost;
}

void LossBound::finish(Instant next_sent) {
  current_.bps = static_cast<double>(DataRate::of(octets_, next_sent - *first_sent_).bps());
  heavy_ = current_.lost > kHeavy * current_.packets ? heavy_ + 1 : 0;
  is_new_ = heavy_ != 1;
  if (is_new_) windows_[count_++ % kWindows] = current_;
  current_ = {};
  octets_ = 0;
  first_sent_ = next_sent;
}

std::optional<DataRate> LossBound::poll() {
  if (!is_new_) return std::nullopt;
  is_new_ = false;
  const Window& newest = windows_[(count_ - 1) % kWindows];
  if (newest.lost == 0) return std::nullopt;
  if (heavy_ > 1) {
    forget();
    return DataRate::bps(static_cast<std::int64_t>(newest.delivered_bps()));
  }
  const auto capacity = judge();
  // What was sent below the bound is no reason to lower it.
  if (!capacity || newest.bps <= *capacity) return std::nullopt;
  return DataRate::bps(static_cast<std::int64_t>(*capacity));
}

bool LossBound::is_unclear() const {
  const std::size_t size = std::min(count_, kUnclearWindows);
  if (size < kUnclearWindows) return false;
  const double newest = windows_[(count_ - 1) % kWindows].bps;
  for (std::size_t age = 0; age < size; ++age) {
    const Window& window = windows_[(count_ - 1 - age) % kWindows];
    if (window.lost < kUnclearLoss * window.packets) return false;
    if (window.bps < newest * kConstant || window.bps * kConstant > newest) return false;
  }
  return true;
}

std::optional<double> LossBound::judge() const {
  double best = likelihood(kUnlimited) + kEvidence;
  std::optional<double> found;
  for (std::size_t i = 0; i < std::min(count_, kWindows); ++i) {
    const Window& window = windows_[i];
    if (window.lost == 0) continue;
    const double likely = likelihood(window.delivered_bps());
    if (likely <= best) continue;
    best = likely;
    found = window.delivered_bps();
  }
  if (!found) return std::nullopt;
  // One window is a small sample: what all those delivered that were sent faster tells the capacity
  // better.
  double sum = 0;
  int fast = 0;
  for (std::size_t i = 0; i < std::min(count_, kWindows); ++i) {
    if (windows_[i].bps <= *found * kWithin) continue;
    sum += windows_[i].delivered_bps();
    ++fast;
  }
  return fast > 0 ? sum / fast : *found;
}

// The logarithm of the likelihood of all windows on a path that carries `capacity_bps`, and loses
// as much of that as the windows that kept within it have lost.
double LossBound::likelihood(double capacity_bps) const {
  const std::size_t size = std::min(count_, kWindows);
  const auto weight_of = [&](std::size_t i) {
    const std::size_t age = (count_ - 1 - i) % kWindows;
    return std::pow(kFade, static_cast<double>(age));
  };
  double packets = 0;
  double lost = 0;
  double all_lost = 0;
  double bursts = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const Window& window = windows_[i];
    const double weight = weight_of(i);
    all_lost += weight * window.lost;
    bursts += weight * window.bursts;
    if (window.bps > capacity_bps * kWithin) continue;
    packets += weight * window.packets;
    lost += weight * window.lost;
  }
  const double own_loss = packets > 0 ? lost / packets : 0;
  // Packets lost in one burst are one piece of evidence.
  const double independence = all_lost > 0 ? bursts / all_lost : 1;
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const Window& window = windows_[i];
    const double passed = (1 - own_loss) * std::min(1.0, capacity_bps / std::max(window.bps, 1.0));
    const double loss = std::clamp(1 - passed, kLossMin, kLossMax);
    sum += weight_of(i) *
           (window.lost * std::log(loss) + (window.packets - window.lost) * std::log(1 - loss));
  }
  return sum * independence;
}

}  // namespace rtc
