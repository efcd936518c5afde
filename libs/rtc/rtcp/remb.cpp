#include "rtc/rtcp/remb.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace rtc {

namespace {

constexpr std::uint32_t kName = 0x52454D42;  // "REMB"
constexpr int kMantissaBits = 18;

}  // namespace

std::optional<Remb> Remb::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::PayloadFeedback, kApplicationFormat)) return std::nullopt;
  ByteReader in(packet.body);
  Remb remb;
  remb.sender_ssrc = in.u32();
  in.u32();  // the media source is unused and zero
  const std::uint32_t name = in.u32();
  const std::size_t count = in.u8();
  const std::uint32_t rate = in.u24();
  remb.sources = in.take(count * 4);
  if (!in.ok() || name != kName) return std::nullopt;

  const std::uint64_t mantissa = rate & 0x3FFFFU;
  const auto exponent = static_cast<int>(rate >> kMantissaBits);
  const bool overflows = mantissa != 0 && std::countl_zero(mantissa) < exponent;
  remb.bitrate_bps = overflows ? std::numeric_limits<std::uint64_t>::max() : mantissa << exponent;
  return remb;
}

void Remb::write(ByteWriter& out, std::uint32_t sender_ssrc, std::uint64_t bitrate_bps,
                 std::span<const std::uint32_t> sources) {
  sources = sources.first(std::min<std::size_t>(sources.size(), 255));
  const int exponent = std::max(0, static_cast<int>(std::bit_width(bitrate_bps)) - kMantissaBits);
  const auto mantissa = static_cast<std::uint32_t>(bitrate_bps >> exponent);
  write_rtcp_header(out, RtcpType::PayloadFeedback, kApplicationFormat, 16 + sources.size() * 4);
  out.u32(sender_ssrc);
  out.u32(0);
  out.u32(kName);
  out.u8(static_cast<std::uint8_t>(sources.size()));
  out.u24(static_cast<std::uint32_t>(exponent) << kMantissaBits | mantissa);
  for (const std::uint32_t ssrc : sources) out.u32(ssrc);
}

}  // namespace rtc
