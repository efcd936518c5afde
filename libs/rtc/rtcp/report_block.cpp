#include "rtc/rtcp/report_block.hpp"

namespace rtc {

ReportBlock ReportBlock::read(ByteReader& in) {
  ReportBlock block;
  block.ssrc = in.u32();
  block.fraction_lost = in.u8();
  block.cumulative_lost = static_cast<std::int32_t>(in.u24() << 8) >> 8;
  block.highest_sequence = in.u32();
  block.jitter = in.u32();
  block.last_sr = in.u32();
  block.delay_since_last_sr = in.u32();
  return block;
}

void ReportBlock::write(ByteWriter& out) const {
  out.u32(ssrc);
  out.u8(fraction_lost);
  out.u24(static_cast<std::uint32_t>(cumulative_lost) & 0xFFFFFFU);
  out.u32(highest_sequence);
  out.u32(jitter);
  out.u32(last_sr);
  out.u32(delay_since_last_sr);
}

}  // namespace rtc
