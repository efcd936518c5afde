// A TCP connection with CUBIC (RFC 9438), as far as competitors on a path see it: no delayed
// acknowledgements, and what is lost is sent again as something new.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "tests/cc/shared_path.hpp"

namespace rtc::testing {

class CubicFlow : public Flow {
 public:
  static constexpr std::size_t kOctets = 1200;
  static constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();

  explicit CubicFlow(Instant start = {}, std::int64_t octets = kEndless)
      : wake_(start), left_(octets) {}

  bool is_done() const { return left_ <= 0; }
  // Another transfer on a new connection.
  void restart(Instant now, std::int64_t octets) { *this = CubicFlow(now, octets); }

  Instant next_timeout() const override {
    const Instant report = acks_.empty() ? Instant::never() : acks_at_;
    const Instant sender = in_flight_.empty() ? wake_ : std::min(wake_, heard_ + timeout());
    return std::min(report, sender);
  }

  void tick(Instant now, Outbox& out) override {
    for (const std::int64_t number : acks_) {
      out.push_back({.is_report = true, .number = number, .octets = 60});
    }
    acks_.clear();
    if (!in_flight_.empty() && now >= heard_ + timeout()) on_timeout(now);
    if (wake_ > now) return;
    wake_ = Instant::never();
    while (!is_done() && static_cast<double>(in_flight_.size()) < window_) {
      if (in_flight_.empty()) heard_ = now;
      in_flight_.emplace(next_, now);
      out.push_back({.number = next_++, .octets = kOctets});
    }
  }

  void on_packet(Instant now, const Datagram& packet) override {
    acks_.push_back(packet.number);
    acks_at_ = now;
  }

  void on_report(Instant now, const Datagram& report) override {
    const auto found = in_flight_.find(report.number);
    if (found == in_flight_.end()) return;
    measure(now - found->second);
    in_flight_.erase(found);
    heard_ = wake_ = now;
    backoff_ = 1;
    if (left_ != kEndless) left_ -= static_cast<std::int64_t>(kOctets);
    // Three later ones came: it is lost.
    bool has_lost = false;
    while (!in_flight_.empty() && in_flight_.begin()->first + 3 <= report.number) {
      has_lost |= in_flight_.begin()->first >= recovered_;
      in_flight_.erase(in_flight_.begin());
    }
    if (has_lost) return on_loss();
    grow(now);
  }

 private:
  static constexpr double kC = 0.4;
  static constexpr double kBeta = 0.7;
  static constexpr double kFriendly = 3 * (1 - kBeta) / (1 + kBeta);  // section 4.3: alpha

  Duration timeout() const { return std::max<Duration>(rtt_ + 4 * deviation_, 200ms) * backoff_; }

  void measure(Duration rtt) {
    if (least_ == Duration{0}) deviation_ = (rtt_ = rtt) / 2;
    least_ = least_ == Duration{0} ? rtt : std::min(least_, rtt);
    deviation_ += (std::chrono::abs(rtt - rtt_) - deviation_) / 4;
    rtt_ += (rtt - rtt_) / 8;
    newest_ = rtt;
  }

  void on_loss() {
    recovered_ = next_;
    most_ = window_ < most_ ? window_ * (1 + kBeta) / 2 : window_;  // section 4.7
    window_ = threshold_ = std::max(2.0, window_ * kBeta);
    epoch_.reset();
  }

  void on_timeout(Instant now) {
    most_ = window_;
    threshold_ = std::max(2.0, window_ * kBeta);
    window_ = 1;
    epoch_.reset();
    in_flight_.clear();
    recovered_ = next_;
    backoff_ = std::min(backoff_ * 2, 64);
    heard_ = wake_ = now;
  }

  void grow(Instant now) {
    if (window_ < threshold_) {
      window_ += 1;
      // HyStart++ (RFC 9406): a queue that begins ends slow start.
      const Duration step = std::clamp<Duration>(least_ / 8, 4ms, 16ms);
      if (window_ > 16 && newest_ > least_ + step) threshold_ = window_;
      return;
    }
    if (!epoch_) {
      epoch_ = now;
      most_ = std::max(most_, window_);
      return_ = std::cbrt((most_ - window_) / kC);
      friendly_ = window_;
    }
    const double since = static_cast<double>((now + rtt_ - *epoch_).count()) / 1e6;
    const double curve = most_ + kC * std::pow(since - return_, 3);
    const double goal = std::clamp(curve, window_, window_ * 1.5);
    window_ += (goal - window_) / window_;
    friendly_ += (friendly_ < most_ ? kFriendly : 1.0) / friendly_;
    window_ = std::max(window_, friendly_);
  }

  // The receiver's side.
  std::vector<std::int64_t> acks_;
  Instant acks_at_;

  Instant wake_;
  std::int64_t left_;
  std::map<std::int64_t, Instant> in_flight_;  // when sent
  std::int64_t next_ = 0;
  std::int64_t recovered_ = 0;  // what was lost before this number has been answered for
  double window_ = 10;          // packets
  double threshold_ = 1e9;
  double most_ = 0;      // W_max
  double return_ = 0;    // K, seconds
  double friendly_ = 0;  // W_est
  std::optional<Instant> epoch_;
  Duration rtt_ = 1s;
  Duration deviation_{0};
  Duration least_{0};
  Duration newest_{0};
  int backoff_ = 1;
  Instant heard_;
};

}  // namespace rtc::testing
