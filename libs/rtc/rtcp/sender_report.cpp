#include "rtc/rtcp/sender_report.hpp"

namespace rtc {

std::optional<SenderReport> SenderReport::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::SenderReport)) return std::nullopt;
  ByteReader in(packet.body);
  SenderReport report;
  report.ssrc = in.u32();
  report.ntp = in.u64();
  report.rtp_timestamp = in.u32();
  report.packet_count = in.u32();
  report.octet_count = in.u32();
  for (unsigned i = 0; i < packet.count; ++i) report.reports.add(ReportBlock::read(in));
  if (!in.ok()) return std::nullopt;
  return report;
}

void SenderReport::write(ByteWriter& out) const {
  const auto count = static_cast<std::uint8_t>(reports.all().size());
  write_rtcp_header(out, RtcpType::SenderReport, count, 24 + reports.wire_size());
  out.u32(ssrc);
  out.u64(ntp);
  out.u32(rtp_timestamp);
  out.u32(packet_count);
  out.u32(octet_count);
  for (const ReportBlock& block : reports.all()) block.write(out);
}

}  // namespace rtc
