#include "rtc/rtcp/extended_report.hpp"

namespace rtc {

namespace {

constexpr std::uint8_t kReferenceTime = 4;
constexpr std::uint8_t kDlrr = 5;
constexpr std::size_t kDlrrItemSize = 12;  // octets

void write_block_header(ByteWriter& out, std::uint8_t type, std::uint16_t words) {
  out.u8(type);
  out.u8(0);
  out.u16(words);
}

}  // namespace

std::optional<ExtendedReport> ExtendedReport::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::ExtendedReport)) return std::nullopt;
  ByteReader in(packet.body);
  ExtendedReport report;
  report.ssrc = in.u32();
  while (in.ok() && in.remaining() > 0) {
    const std::uint8_t type = in.u8();
    in.u8();
    const Bytes block = in.take(std::size_t{in.u16()} * 4);
    if (!in.ok()) break;
    if (type == kReferenceTime && block.size() == 8 && !report.reference_ntp) {
      report.reference_ntp = ByteReader(block).u64();
    }
    const bool is_whole = block.size() % kDlrrItemSize == 0;
    if (type == kDlrr && is_whole && report.dlrr_items.empty()) report.dlrr_items = block;
  }
  if (!in.ok()) return std::nullopt;
  return report;
}

void ExtendedReport::write_reference_time(ByteWriter& out, std::uint32_t ssrc, std::uint64_t ntp) {
  write_rtcp_header(out, RtcpType::ExtendedReport, 0, 16);
  out.u32(ssrc);
  write_block_header(out, kReferenceTime, 2);
  out.u64(ntp);
}

void ExtendedReport::write_dlrr(ByteWriter& out, std::uint32_t ssrc, const DlrrItem& item) {
  write_rtcp_header(out, RtcpType::ExtendedReport, 0, 20);
  out.u32(ssrc);
  write_block_header(out, kDlrr, 3);
  out.u32(item.ssrc);
  out.u32(item.last_rr);
  out.u32(item.delay);
}

}  // namespace rtc
