// Reads fields that do not begin on octet borders.
#pragma once

#include <bit>
#include <cstdint>

#include "base/bytes.hpp"

namespace rtc {

// Most significant bit first. Once a read fails the reader stays failed and every later read gives
// zero, like ByteReader.
class BitReader {
 public:
  explicit BitReader(Bytes data) : data_(data) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return ok_ ? data_.size() * 8 - position_ : 0; }

  bool flag() { return bits(1) != 0; }

  // At most 32 bits.
  std::uint32_t bits(unsigned count) {
    if (count > remaining()) {
      ok_ = false;
      return 0;
    }
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++position_) {
      const unsigned bit = data_[position_ / 8] >> (7 - position_ % 8) & 1U;
      value = value << 1 | bit;
    }
    return value;
  }

  // A number below `range` in as few bits as that needs: the "ns(n)" of the AV1 specification
  // (section 4.10.7). `range` is at least 1.
  std::uint32_t below(std::uint32_t range) {
    const auto width = static_cast<unsigned>(std::bit_width(range));
    const std::uint32_t short_ones = (1U << width) - range;
    const std::uint32_t value = bits(width - 1);
    if (value < short_ones) return value;
    return (value << 1) - short_ones + bits(1);
  }

 private:
  Bytes data_;
  std::size_t position_ = 0;  // bits
  bool ok_ = true;
};

}  // namespace rtc
