// Extended reports (RFC 3611): the two blocks by which a receiver measures its round-trip time.
#pragma once

#include <cstdint>
#include <optional>

#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

struct ExtendedReport {
  // The answer to a receiver's reference time (section 4.5).
  struct DlrrItem {
    std::uint32_t ssrc = 0;     // the receiver that asked
    std::uint32_t last_rr = 0;  // middle 32 bits of its NTP time
    std::uint32_t delay = 0;    // since it came, in 1/65536 s
  };

  std::uint32_t ssrc = 0;                      // of the reporter
  std::optional<std::uint64_t> reference_ntp;  // RRTR block (section 4.4); the first one counts
  Bytes dlrr_items;                            // 12 octets each; in the datagram

  // nullopt for another type or blocks that run over the end. Other blocks are passed over.
  static std::optional<ExtendedReport> parse(const RtcpPacket& packet);

  template <class Visit>
  void for_each_dlrr(Visit&& visit) const {
    ByteReader in(dlrr_items);
    while (in.remaining() > 0) {
      const DlrrItem item{.ssrc = in.u32(), .last_rr = in.u32(), .delay = in.u32()};
      visit(item);
    }
  }

  static void write_reference_time(ByteWriter& out, std::uint32_t ssrc, std::uint64_t ntp);
  static void write_dlrr(ByteWriter& out, std::uint32_t ssrc, const DlrrItem& item);
};

}  // namespace rtc
