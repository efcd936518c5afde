// Counters that wrap on the wire become 64-bit numbers that do not.
#pragma once

#include <cstdint>
#include <optional>

namespace rtc {

// Takes each value for the one nearest to the last: steps of up to half the range are told apart
// forwards and backwards; half the range exactly goes forwards. The first value stands for itself.
template <unsigned Bits>
class Unwrapper {
 public:
  static_assert(Bits >= 2 && Bits <= 32);
  static constexpr std::int64_t kRange = std::int64_t{1} << Bits;

  std::int64_t unwrap(std::uint32_t value) {
    last_ = last_ ? peek(value) : static_cast<std::int64_t>(value);
    return *last_;
  }

  // What unwrap() would give, without becoming the last value.
  std::int64_t peek(std::uint32_t value) const {
    if (!last_) return static_cast<std::int64_t>(value);
    std::int64_t step = (static_cast<std::int64_t>(value) - *last_) & (kRange - 1);
    if (step > kRange / 2) step -= kRange;
    return *last_ + step;
  }

 private:
  std::optional<std::int64_t> last_;
};

using SequenceUnwrapper = Unwrapper<16>;   // RTP sequence numbers, transport-wide ones
using TimestampUnwrapper = Unwrapper<32>;  // RTP timestamps
using PictureIdUnwrapper = Unwrapper<15>;  // VP8 and VP9
using Tl0Unwrapper = Unwrapper<8>;         // TL0PICIDX

}  // namespace rtc
