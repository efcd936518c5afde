// Reception statistics of one source, as sender and receiver reports carry them (RFC 3550 6.4.1).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace rtc {

struct ReportBlock {
  static constexpr std::size_t kSize = 24;  // octets

  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;      // in 1/256, since the last report
  std::int32_t cumulative_lost = 0;    // 24 bits signed: duplicates make it negative
  std::uint32_t highest_sequence = 0;  // with the number of wraps in the upper half
  std::uint32_t jitter = 0;            // media clock ticks
  std::uint32_t last_sr = 0;           // middle 32 bits of the last sender report's NTP time, or 0
  std::uint32_t delay_since_last_sr = 0;  // in 1/65536 s, or 0

  static ReportBlock read(ByteReader& in);
  void write(ByteWriter& out) const;

  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

// As many as the five bits of the header can count.
class ReportBlocks {
 public:
  static constexpr std::size_t kMax = 31;

  // False when there is no room for one more.
  bool add(const ReportBlock& block) {
    if (count_ == kMax) return false;
    blocks_[count_++] = block;
    return true;
  }
  std::span<const ReportBlock> all() const { return std::span(blocks_).first(count_); }
  std::size_t wire_size() const { return count_ * ReportBlock::kSize; }

 private:
  std::array<ReportBlock, kMax> blocks_;
  std::size_t count_ = 0;
};

}  // namespace rtc
