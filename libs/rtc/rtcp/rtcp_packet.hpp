// The frame that all RTCP packets share (RFC 3550 section 6.4, RFC 5506 for reduced size).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace rtc {

enum class RtcpType : std::uint8_t {
  SenderReport = 200,
  ReceiverReport = 201,
  SourceDescription = 202,
  Bye = 203,
  TransportFeedback = 205,  // RFC 4585 section 6.2
  PayloadFeedback = 206,    // RFC 4585 section 6.3
  ExtendedReport = 207,     // RFC 3611
};

// The five bits that name a feedback message within its type.
inline constexpr std::uint8_t kNackFormat = 1;                    // of TransportFeedback
inline constexpr std::uint8_t kTransportWideFeedbackFormat = 15;  // of TransportFeedback
inline constexpr std::uint8_t kPliFormat = 1;                     // of PayloadFeedback
inline constexpr std::uint8_t kFirFormat = 4;                     // of PayloadFeedback
inline constexpr std::uint8_t kApplicationFormat = 15;            // of PayloadFeedback: REMB

inline constexpr std::size_t kRtcpHeaderSize = 4;  // octets

// One packet of a compound seen in place.
struct RtcpPacket {
  std::uint8_t type = 0;   // an RtcpType, or one that we do not know
  std::uint8_t count = 0;  // 5 bits: number of reports, or the format of a feedback message
  Bytes body;              // after the 4-octet header, padding cut off

  bool is(RtcpType wanted) const { return type == static_cast<std::uint8_t>(wanted); }
  bool is(RtcpType wanted, std::uint8_t format) const { return is(wanted) && count == format; }
};

// Walks the packets of a datagram: compound or reduced size.
//
//   RtcpReader reader(datagram);
//   while (const auto packet = reader.next()) …
//   if (!reader.ok()) …  // the rest was broken; what came before it is good
class RtcpReader {
 public:
  explicit RtcpReader(Bytes datagram) : in_(datagram) {}

  std::optional<RtcpPacket> next();
  bool ok() const { return ok_; }

 private:
  ByteReader in_;
  bool ok_ = true;
};

// Writes the header of a packet whose body has `body_size` octets, a multiple of four.
void write_rtcp_header(ByteWriter& out, RtcpType type, std::uint8_t count, std::size_t body_size);

}  // namespace rtc
