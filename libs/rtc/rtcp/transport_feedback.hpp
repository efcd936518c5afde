// Arrival times of packets by their transport-wide sequence number
// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

// One feedback packet seen in place.
class TransportFeedback {
 public:
  static constexpr Duration kDeltaTick = std::chrono::microseconds{250};
  static constexpr Duration kReferenceTick = std::chrono::milliseconds{64};

  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::uint16_t base_sequence = 0;
  std::uint16_t status_count = 0;   // packets that are reported on, from base_sequence
  std::int32_t reference_time = 0;  // 24 bits signed, in kReferenceTick
  std::uint8_t feedback_count = 0;  // wraps; a gap is a lost feedback packet

  // nullopt for another type or format, or chunks and deltas that do not fit the count: what is
  // accepted, for_each() reads to the end.
  static std::optional<TransportFeedback> parse(const RtcpPacket& packet);

  // Calls `visit(sequence, arrival)` for each packet reported on, in order; `arrival` is nullopt
  // for one that did not come, else microseconds on the receiver's clock.
  template <class Visit>
  void for_each(Visit&& visit) const {
    Cursor cursor(*this);
    for (std::uint32_t i = 0; i < status_count; ++i) {
      const std::optional<Duration> arrival = cursor.next();
      visit(static_cast<std::uint16_t>(base_sequence + i), arrival);
    }
  }

 private:
  // Reads chunks and deltas side by side.
  class Cursor {
   public:
    explicit Cursor(const TransportFeedback& feedback)
        : chunks_(feedback.chunks_),
          deltas_(feedback.deltas_),
          arrival_(feedback.reference_time * kReferenceTick) {}
    std::optional<Duration> next();
    bool ok() const { return ok_ && chunks_.ok() && deltas_.ok(); }

   private:
    unsigned next_symbol();

    ByteReader chunks_;
    ByteReader deltas_;
    Duration arrival_;
    unsigned chunk_ = 0;
    unsigned left_ = 0;  // symbols of the chunk that were not taken yet
    bool ok_ = true;
  };

  Bytes chunks_;
  Bytes deltas_;
};

// Makes one feedback packet from arrivals in the order of their sequence numbers.
class TransportFeedbackBuilder {
 public:
  static constexpr std::size_t kStatusMax = 512;  // packets: 100 ms of some 60 Mbit/s
  // Octets that are enough for any packet: header, chunks of 7, and two octets a delta.
  static constexpr std::size_t kSizeMax = 20 + 2 * (kStatusMax / 7 + 1) + 2 * kStatusMax + 4;

  TransportFeedbackBuilder(std::uint16_t base_sequence, Duration first_arrival);

  // False when the packet cannot take it: too far from the base or too long after the arrival
  // before it. Then this packet is finished and another begins with this arrival.
  bool add(std::uint16_t sequence, Duration arrival);

  void write(ByteWriter& out, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
             std::uint8_t feedback_count) const;

 private:
  enum Symbol : std::uint8_t { kNotReceived = 0, kSmallDelta = 1, kLargeDelta = 2 };

  std::size_t chunk_length(std::size_t at) const;
  void write_chunk(ByteWriter& out, std::size_t at, std::size_t length) const;

  std::uint16_t base_sequence_;
  std::int64_t reference_time_;  // in kReferenceTick
  std::int64_t last_tick_;       // the last arrival, in kDeltaTick
  std::size_t count_ = 0;
  std::size_t delta_octets_ = 0;
  std::array<Symbol, kStatusMax> symbols_{};
  std::array<std::int16_t, kStatusMax> deltas_{};
};

}  // namespace rtc
