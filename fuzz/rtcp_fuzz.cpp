// Any datagram through the RTCP reader and every packet type; what was read is written again and
// must then read the same.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "rtc/rtcp/bye.hpp"
#include "rtc/rtcp/extended_report.hpp"
#include "rtc/rtcp/fir.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/receiver_report.hpp"
#include "rtc/rtcp/remb.hpp"
#include "rtc/rtcp/sdes.hpp"
#include "rtc/rtcp/sender_report.hpp"
#include "rtc/rtcp/transport_feedback.hpp"

namespace {

template <class Packet>
void check_reports(const rtc::RtcpPacket& packet) {
  const auto report = Packet::parse(packet);
  if (!report) return;
  std::vector<std::uint8_t> buffer(2000);
  ByteWriter out(buffer);
  report->write(out);
  rtc::RtcpReader reader(out.written());
  const auto again = Packet::parse(*reader.next());
  if (!again || again->ssrc != report->ssrc) std::abort();
  if (!std::ranges::equal(again->reports.all(), report->reports.all())) std::abort();
}

void check_nack(const rtc::RtcpPacket& packet) {
  const auto nack = rtc::Nack::parse(packet);
  if (!nack) return;
  std::size_t visited = 0;
  nack->for_each(1000, [&](std::uint16_t) { ++visited; });
  if (visited == 0 || visited > 1000) std::abort();
}

void check_transport_feedback(const rtc::RtcpPacket& packet) {
  const auto feedback = rtc::TransportFeedback::parse(packet);
  if (!feedback) return;
  std::size_t visited = 0;
  feedback->for_each([&](std::uint16_t, std::optional<Duration>) { ++visited; });
  if (visited != feedback->status_count) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rtc::RtcpReader reader(Bytes(data, size));
  while (const auto packet = reader.next()) {
    check_reports<rtc::SenderReport>(*packet);
    check_reports<rtc::ReceiverReport>(*packet);
    check_nack(*packet);
    check_transport_feedback(*packet);
    (void)rtc::Pli::parse(*packet);
    std::size_t octets = 0;
    if (const auto sdes = rtc::Sdes::parse(*packet)) {
      for (const auto& chunk : sdes->chunks()) octets += std::string(chunk.cname).size();
    }
    if (const auto bye = rtc::Bye::parse(*packet)) octets += std::string(bye->reason()).size();
    if (const auto fir = rtc::Fir::parse(*packet)) {
      fir->for_each([&](std::uint32_t, std::uint8_t) { octets += 8; });
    }
    if (const auto remb = rtc::Remb::parse(*packet)) octets += remb->sources.size();
    if (const auto report = rtc::ExtendedReport::parse(*packet)) {
      report->for_each_dlrr([&](const rtc::ExtendedReport::DlrrItem&) { octets += 12; });
    }
    if (octets > size) std::abort();
  }
  return 0;
}
