#include "rtc/cc/loss_window.hpp"

#include <algorithm>

namespace rtc {

void LossWindow::on_packet(const PacketResult& result) {
  if (result.was_lost) {
    lost_ = std::max(0, lost_ - 1);
    return;
  }
  ++packets_;
  if (!result.arrival) ++lost_;
}

std::optional<double> LossWindow::poll(Instant now) {
  if (!begun_) begun_ = now;
  if (now - *begun_ < kTime || packets_ < kPacketsMin) return std::nullopt;
  const double loss = static_cast<double>(lost_) / packets_;
  begun_ = now;
  packets_ = lost_ = 0;
  return loss;
}

}  // namespace rtc
