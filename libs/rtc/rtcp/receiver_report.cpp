#include "rtc/rtcp/receiver_report.hpp"

namespace rtc {

std::optional<ReceiverReport> ReceiverReport::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::ReceiverReport)) return std::nullopt;
  ByteReader in(packet.body);
  ReceiverReport report;
  report.ssrc = in.u32();
  for (unsigned i = 0; i < packet.count; ++i) report.reports.add(ReportBlock::read(in));
  if (!in.ok()) return std::nullopt;
  return report;
}

void ReceiverReport::write(ByteWriter& out) const {
  const auto count = static_cast<std::uint8_t>(reports.all().size());
  write_rtcp_header(out, RtcpType::ReceiverReport, count, 4 + reports.wire_size());
  out.u32(ssrc);
  for (const ReportBlock& block : reports.all()) block.write(out);
}

}  // namespace rtc
