// What a sender sent so far, and which media time stands for which wall-clock time.
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/rtcp/report_block.hpp"
#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0;            // 32.32 fixed point seconds since 1900
  std::uint32_t rtp_timestamp = 0;  // the same moment in media clock ticks
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;  // payload only
  ReportBlocks reports;

  // nullopt for another type, or reports that do not fit (RFC 3550 section 6.4.1).
  static std::optional<SenderReport> parse(const RtcpPacket& packet);
  void write(ByteWriter& out) const;
};

// The 32 bits in the middle of an NTP time, as report blocks repeat them.
constexpr std::uint32_t compact_ntp(std::uint64_t ntp) {
  return static_cast<std::uint32_t>(ntp >> 16);
}

}  // namespace rtc
