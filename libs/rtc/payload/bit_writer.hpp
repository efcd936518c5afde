// Writes fields that do not begin on octet borders.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "rtc/payload/bit_reader.hpp"

namespace rtc {

// Most significant bit first, to the front of a buffer it does not own. Once the buffer is too
// small the writer stays failed, like ByteWriter.
class BitWriter {
 public:
  explicit BitWriter(MutableBytes buffer) : buffer_(buffer) {}

  bool ok() const { return ok_; }
  // All octets begun, the last one filled up with zeros; empty when something did not fit.
  Bytes written() const { return ok_ ? Bytes(buffer_.first((position_ + 7) / 8)) : Bytes{}; }

  // The lowest `count` bits, at most 32.
  void bits(std::uint32_t value, unsigned count) {
    if (!ok_ || count > buffer_.size() * 8 - position_) {
      ok_ = false;
      return;
    }
    for (unsigned left = count; left > 0; --left, ++position_) {
      std::uint8_t& octet = buffer_[position_ / 8];
      if (position_ % 8 == 0) octet = 0;
      const unsigned bit = value >> (left - 1) & 1U;
      octet = static_cast<std::uint8_t>(octet | bit << (7 - position_ % 8));
    }
  }

  // The next `count` bits of `in`, any number.
  void copy(BitReader& in, std::size_t count) {
    constexpr std::size_t kStep = 32;
    for (; count > kStep; count -= kStep) bits(in.bits(kStep), kStep);
    bits(in.bits(static_cast<unsigned>(count)), static_cast<unsigned>(count));
  }

 private:
  MutableBytes buffer_;
  std::size_t position_ = 0;  // bits
  bool ok_ = true;
};

}  // namespace rtc
