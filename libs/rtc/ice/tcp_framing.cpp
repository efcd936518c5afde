#include "rtc/ice/tcp_framing.hpp"

#include <algorithm>

namespace rtc {

std::optional<MutableBytes> TcpDeframer::next() {
  while (!is_broken_ && end_ - begin_ >= 2) {
    const std::size_t size = ByteReader(Bytes(buffer_).subspan(begin_)).u16();
    is_broken_ = size > kPacketMax;
    if (is_broken_ || end_ - begin_ < 2 + size) break;
    const MutableBytes packet = MutableBytes(buffer_).subspan(begin_ + 2, size);
    begin_ += 2 + size;
    if (size > 0) return packet;
  }
  // The rest of a packet moves to the front: half the buffer is then free for what follows.
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  return std::nullopt;
}

std::array<std::uint8_t, 2> tcp_frame_header(std::uint16_t size) {
  return {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
}

}  // namespace rtc
