// Binary data of a peer is read and written through these two and nothing else.
#pragma once

#include <cassert>
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

// Reads big-endian fields from the front of a buffer it does not own.
//
// Once a read fails the reader stays failed and every later read gives zero or
// an empty view, so a parser reads a whole header and tests ok() once.
class ByteReader {
 public:
  explicit ByteReader(Bytes data) : rest_(data) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return rest_.size(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(big_endian(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() { return big_endian(8); }

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
  std::uint64_t big_endian(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : take(size)) value = value << 8 | octet;
    return value;
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

  void u8(std::uint8_t value) { big_endian(value, 1); }
  void u16(std::uint16_t value) { big_endian(value, 2); }
  void u24(std::uint32_t value) { big_endian(value, 3); }
  void u32(std::uint32_t value) { big_endian(value, 4); }
  void u64(std::uint64_t value) { big_endian(value, 8); }

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
  void big_endian(std::uint64_t value, std::size_t size) {
    const MutableBytes room = reserve(size);
    for (std::size_t i = 0; i < room.size(); ++i) {
      room[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    }
  }

  MutableBytes buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
};
