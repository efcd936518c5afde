#include "rtc/cc/send_history.hpp"

namespace rtc {

void SendHistory::on_sent(Instant now, std::uint16_t transport_sequence, std::size_t octets) {
  const std::int64_t sequence = unwrapper_.unwrap(transport_sequence);
  if (newest_) {
    const std::int64_t first = std::max(*newest_ + 1, sequence - kPackets + 1);
    for (std::int64_t skipped = first; skipped < sequence; ++skipped) packet_of(skipped) = {};
  }
  newest_ = std::max(newest_.value_or(sequence), sequence);
  packet_of(sequence) = {
      .sent = now, .octets = static_cast<std::uint32_t>(octets), .state = State::InFlight};
}

Duration SendHistory::unwrapped_base(const TransportFeedback& feedback) {
  const auto wire = static_cast<std::uint32_t>(feedback.reference_time) & 0xFFFFFFU;
  const std::int64_t reference = reference_unwrapper_.unwrap(wire);
  return (reference - feedback.reference_time) * TransportFeedback::kReferenceTick;
}

}  // namespace rtc
