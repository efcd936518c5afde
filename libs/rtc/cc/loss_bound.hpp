// Tells loss that a path has at any rate from loss that sending too fast causes.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/data_rate.hpp"
#include "base/time.hpp"
#include "rtc/cc/send_history.hpp"

namespace rtc {

// Radio links lose packets however slowly one sends; sending less repairs nothing there. A policer
// or a short queue loses what exceeds its rate, before any delay can be seen. The two differ in how
// loss changes with the sending rate: constant in the first case, growing in the second. So the
// last windows are compared with both models, and a bound is given only where "this path carries so
// much" explains them clearly better than "it loses this part of everything".
//
// Feeds on transport feedback alone: receiver reports also count what the publisher lost on its own
// way here. Allocates nothing.
class LossBound {
 public:
  static constexpr Duration kWindow = std::chrono::milliseconds{250};  // at least
  static constexpr int kPacketsMin = 10;                               // of a window
  static constexpr std::size_t kWindows = 20;                          // compared

  // Of each packet, in the order of sending.
  void on_packet(const PacketResult& result);
  // What the path carries, once for each window that says so; nullopt: loss gives no reason to send
  // less.
  std::optional<DataRate> poll();
  // So much is lost, at a rate so constant, that both models explain it.
  bool is_unclear() const;
  // The path has changed: what was seen before says nothing any more.
  void forget() { count_ = 0; }

 private:
  struct Window {
    double bps = 0;  // sent
    int packets = 0;
    int lost = 0;
    int bursts = 0;  // of packets lost in a row

    double delivered_bps() const { return bps * (packets - lost) / packets; }
  };

  void finish(Instant next_sent);
  std::optional<double> judge() const;
  double likelihood(double capacity_bps) const;

  std::array<Window, kWindows> windows_{};
  std::size_t count_ = 0;  // ever finished
  Window current_;
  std::int64_t octets_ = 0;  // of the current window
  std::optional<Instant> first_sent_;
  bool was_last_lost_ = false;
  int heavy_ = 0;        // windows in a row, up to the newest, that lost most of what was sent
  bool is_new_ = false;  // a window was finished since the last poll()
};

}  // namespace rtc
