// Any payload through the codecs' descriptors; the first octet chooses which. What is rewritten
// must read as what was written.
#include <cstdlib>
#include <vector>

#include "rtc/payload/h264_payload.hpp"
#include "rtc/payload/red_payload.hpp"
#include "rtc/payload/vp8_descriptor.hpp"
#include "rtc/payload/vp9_descriptor.hpp"

namespace {

template <class Descriptor>
void check(Bytes payload) {
  const auto descriptor = Descriptor::parse(payload);
  if (!descriptor) return;
  if (descriptor->size >= payload.size()) std::abort();
  std::vector<std::uint8_t> copy(payload.begin(), payload.end());
  descriptor->rewrite(copy, 0x1234, 0x56);
  const auto again = Descriptor::parse(copy);
  if (!again || again->size != descriptor->size) std::abort();
  const std::uint16_t picture_id = descriptor->has_long_picture_id ? 0x1234 : 0x34;
  if (descriptor->picture_id && again->picture_id != picture_id) std::abort();
  if (descriptor->tl0_picture_index && again->tl0_picture_index != 0x56) std::abort();
}

// The payload type is the first block's own: any other is refused.
void check_red(Bytes payload) {
  const auto type = static_cast<std::uint8_t>(payload.empty() ? 0 : payload[0] & 0x7FU);
  const auto red = rtc::RedPayload::parse(payload, type);
  if (!red) return;
  if (red->headers > red->primary || red->primary > payload.size()) std::abort();
  std::vector<std::uint8_t> copy(payload.begin(), payload.end());
  red->rewrite(copy, 100);
  const auto again = rtc::RedPayload::parse(copy, 100);
  if (!again || again->headers != red->headers || again->primary != red->primary) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes payload(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      check<rtc::Vp8Descriptor>(payload);
      break;
    case 1:
      check<rtc::Vp9Descriptor>(payload);
      break;
    case 2:
      (void)rtc::H264Payload::parse(payload);
      break;
    case 3:
      check_red(payload);
      break;
  }
  return 0;
}
