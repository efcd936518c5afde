// How well one stream arrives (RFC 3550 sections 6.4.1, A.3 and A.8).
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "rtc/rtcp/report_block.hpp"

namespace rtc {

// Sequence numbers are unwrapped to 64 bits; the first one is below 2^16.
class ReceiveStatistics {
 public:
  // `clock_rate` in ticks a second.
  ReceiveStatistics(std::uint32_t ssrc, std::uint32_t clock_rate)
      : ssrc_(ssrc), clock_rate_(clock_rate) {}

  void on_packet(Instant now, std::int64_t sequence, std::uint32_t timestamp, std::size_t octets);
  // `ntp` as the report had it; its echo lets the sender measure the round trip.
  void on_sender_report(Instant now, std::uint64_t ntp);

  // The report since the one before; nullopt before the first packet.
  std::optional<ReportBlock> report(Instant now);

  std::uint64_t packets() const { return packets_; }
  std::uint64_t octets() const { return octets_; }

 private:
  std::uint32_t ssrc_;
  std::uint32_t clock_rate_;
  std::optional<std::int64_t> first_;
  std::int64_t highest_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t octets_ = 0;
  std::int64_t expected_before_ = 0;
  std::int64_t packets_before_ = 0;
  std::int64_t last_transit_ = 0;  // ticks
  std::uint64_t jitter_16_ = 0;    // sixteen times the estimate, in ticks
  std::uint32_t last_sr_ = 0;
  Instant last_sr_at_;
};

}  // namespace rtc
