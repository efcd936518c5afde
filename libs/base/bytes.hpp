// Binary data of a peer is read and written through these two and nothing else.
#pragma once

#include <bit>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Text as the bytes that it is stored in; the view lives as long as the text does.
inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Bytes as text, unchecked: the caller knows that they are, or compares them only.
inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A number whose octets in memory are in network order, and back.
template <std::unsigned_integral Number>
constexpr Number network_order(Number number) {
  return std::endian::native == std::endian::big ? number : std::byteswap(number);
}

// Reads big-endian fields from the front of a buffer it does not own.
//
// Once a read fails the reader stays failed and every later read gives zero or
// an empty view, so a parser reads a whole header and tests ok() once.
class ByteReader {
 public:
  explicit ByteReader(Bytes data) : rest_(data) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return rest_.size(); }

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u24() {
    const Bytes octets = take(3);
    if (octets.empty()) return 0;
    return std::uint32_t{octets[0]} << 16 | std::uint32_t{octets[1]} << 8 | octets[2];
  }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }

  Bytes take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes head = rest_.first(size);
    rest_ = rest_.subspan(size);
    return head;
  }

 private:
  template <class Number>
  Number number() {
    Number value = 0;
    if (const Bytes octets = take(sizeof value); !octets.empty()) {
      std::memcpy(&value, octets.data(), sizeof value);
    }
    return network_order(value);
  }

  Bytes rest_;
  bool ok_ = true;
};

// Writes big-endian fields to the front of a buffer it does not own.
//
// Once the buffer is too small the writer stays failed and writes nothing more,
// so a builder writes a whole packet and tests ok() once.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

  bool ok() const { return ok_; }
  std::size_t size() const { return size_; }
  Bytes written() const { return buffer_.first(size_); }

  void u8(std::uint8_t value) { number(value); }
  void u16(std::uint16_t value) { number(value); }
  void u24(std::uint32_t value) {
    const MutableBytes room = reserve(3);
    if (room.empty()) return;
    room[0] = static_cast<std::uint8_t>(value >> 16);
    room[1] = static_cast<std::uint8_t>(value >> 8);
    room[2] = static_cast<std::uint8_t>(value);
  }
  void u32(std::uint32_t value) { number(value); }
  void u64(std::uint64_t value) { number(value); }

  void bytes(Bytes data) {
    const MutableBytes room = reserve(data.size());
    if (!room.empty()) std::memcpy(room.data(), data.data(), data.size());
  }

  // The next `size` octets, to be filled by the caller; empty when they do not fit.
  MutableBytes reserve(std::size_t size) {
    if (!ok_ || size > buffer_.size() - size_) {
      ok_ = false;
      return {};
    }
    const MutableBytes room = buffer_.subspan(size_, size);
    size_ += size;
    return room;
  }

 private:
  template <class Number>
  void number(Number value) {
    const Number ordered = network_order(value);
    if (const MutableBytes room = reserve(sizeof ordered); !room.empty()) {
      std::memcpy(room.data(), &ordered, sizeof ordered);
    }
  }

  MutableBytes buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
};
