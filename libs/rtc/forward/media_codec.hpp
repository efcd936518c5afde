// The codecs, as far as forwarding treats them differently.
#pragma once

#include <cstdint>

namespace rtc {

enum class MediaKind : std::uint8_t { Audio, Video };

enum class MediaCodec : std::uint8_t {
  Opaque,  // forwarded without a look inside: audio, and video that no layers are switched of
  Vp8,
  Vp9,
  H264,
  Av1,
};

}  // namespace rtc
