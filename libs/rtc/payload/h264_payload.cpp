#include "rtc/payload/h264_payload.hpp"

namespace rtc {

namespace {

constexpr unsigned kIdr = 5;
constexpr unsigned kSequenceParameters = 7;
constexpr unsigned kSingleMax = 23;
constexpr unsigned kStapA = 24;
constexpr unsigned kFuA = 28;

unsigned type_of(std::uint8_t header) { return header & 0x1FU; }

void note(H264Payload& payload, unsigned type) {
  payload.has_idr |= type == kIdr;
  payload.has_sequence_parameters |= type == kSequenceParameters;
}

}  // namespace

std::optional<H264Payload> H264Payload::parse(Bytes payload) {
  ByteReader in(payload);
  const unsigned type = type_of(in.u8());
  H264Payload result;
  if (type == kStapA) {
    while (in.ok() && in.remaining() > 0) {
      const Bytes unit = in.take(in.u16());
      if (!in.ok() || unit.empty()) return std::nullopt;
      note(result, type_of(unit[0]));
    }
  } else if (type == kFuA) {
    const std::uint8_t header = in.u8();
    const bool is_start = (header & 0x80U) != 0;
    if (is_start) note(result, type_of(header));
  } else if (type >= 1 && type <= kSingleMax) {
    note(result, type);
  } else {
    return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return result;
}

}  // namespace rtc
