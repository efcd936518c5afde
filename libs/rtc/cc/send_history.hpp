// The sender's side of transport-wide congestion control: what became of the packets that went out
// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/rtp/unwrapper.hpp"

namespace rtc {

// What the receiver says of one packet.
struct PacketResult {
  std::int64_t sequence = 0;
  Instant sent;
  std::size_t octets = 0;
  std::optional<Duration> arrival;  // on the receiver's clock; nullopt: lost
  bool was_lost = false;            // said to be before, and came after all
};

// One a transport. Allocates when made, never later.
class SendHistory {
 public:
  // Packets that feedback may still come for: a second of 20 Mbit/s.
  static constexpr std::int64_t kPackets = 2048;

  SendHistory() : packets_(kPackets) {}

  void on_sent(Instant now, std::uint16_t transport_sequence, std::size_t octets);

  // Calls `visit(const PacketResult&)` for each packet that the feedback has news of, in the order
  // of their numbers. What was never sent, is forgotten or was reported so before is passed over.
  template <class Visit>
  void on_feedback(const TransportFeedback& feedback, Visit&& visit) {
    if (!newest_) return;
    const Duration base = unwrapped_base(feedback);
    feedback.for_each([&](std::uint16_t wire, std::optional<Duration> arrival) {
      const std::int64_t sequence = unwrapper_.peek(wire);
      if (sequence > *newest_ || sequence <= *newest_ - kPackets) return;
      Packet& packet = packet_of(sequence);
      const State state = arrival ? State::Arrived : State::Lost;
      const bool is_news = packet.state != State::None && packet.state < state;
      if (!is_news) return;
      PacketResult result{.sequence = sequence,
                          .sent = packet.sent,
                          .octets = packet.octets,
                          .arrival = std::nullopt,
                          .was_lost = packet.state == State::Lost};
      if (arrival) result.arrival = *arrival + base;
      packet.state = state;
      visit(result);
    });
  }

 private:
  enum class State : std::uint8_t { None, InFlight, Lost, Arrived };

  struct Packet {
    Instant sent;
    std::uint32_t octets = 0;
    State state = State::None;
  };

  // What is to be added to the times of `feedback`, whose reference wraps every twelve days.
  Duration unwrapped_base(const TransportFeedback& feedback);
  Packet& packet_of(std::int64_t sequence) {
    return packets_[static_cast<std::size_t>(sequence & (kPackets - 1))];
  }

  std::vector<Packet> packets_;
  SequenceUnwrapper unwrapper_;
  Unwrapper<24> reference_unwrapper_;
  std::optional<std::int64_t> newest_;
};

}  // namespace rtc
