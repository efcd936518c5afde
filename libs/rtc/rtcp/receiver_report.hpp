// How well a receiver that sends nothing itself hears the others.
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/rtcp/report_block.hpp"
#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

struct ReceiverReport {
  std::uint32_t ssrc = 0;  // of the reporter
  ReportBlocks reports;

  // nullopt for another type, or reports that do not fit (RFC 3550 section 6.4.2).
  static std::optional<ReceiverReport> parse(const RtcpPacket& packet);
  void write(ByteWriter& out) const;
};

}  // namespace rtc
