#include "rtc/stun/stun_builder.hpp"

#include <algorithm>
#include <array>

#include "rtc/stun/stun_digest.hpp"

namespace rtc {

StunBuilder::StunBuilder(MutableBytes buffer, StunClass message_class, std::uint16_t method,
                         const TransactionId& transaction)
    : buffer_(buffer), out_(buffer), transaction_(transaction) {
  const unsigned kind = static_cast<unsigned>(message_class);
  const unsigned spread = (method & 0xFU) | (method & 0x70U) << 1 | (method & 0xF80U) << 2 |
                          (kind & 1U) << 4 | (kind & 2U) << 7;
  out_.u16(static_cast<std::uint16_t>(spread));
  out_.u16(0);  // the length, set by finish()
  out_.u32(kStunMagicCookie);
  out_.bytes(transaction);
}

void StunBuilder::attribute(StunAttribute type, Bytes value) {
  out_.u16(static_cast<std::uint16_t>(type));
  out_.u16(static_cast<std::uint16_t>(value.size()));
  out_.bytes(value);
  for (std::size_t size = value.size(); size % 4 != 0; ++size) out_.u8(0);
}

void StunBuilder::u64_attribute(StunAttribute type, std::uint64_t value) {
  std::array<std::uint8_t, 8> octets{};
  ByteWriter(octets).u64(value);
  attribute(type, octets);
}

void StunBuilder::xor_mapped_address(const Endpoint& endpoint) {
  std::array<std::uint8_t, 20> value{};
  std::array<std::uint8_t, 16> mask{};
  ByteWriter(mask).u32(kStunMagicCookie);
  std::ranges::copy(transaction_, mask.begin() + 4);

  ByteWriter out(value);
  out.u8(0);
  out.u8(endpoint.address.is_v4() ? 1 : 2);
  out.u16(static_cast<std::uint16_t>(endpoint.port ^ (kStunMagicCookie >> 16)));
  const Bytes plain = endpoint.address.wire();
  for (std::size_t i = 0; i < plain.size(); ++i) out.u8(plain[i] ^ mask[i]);
  attribute(StunAttribute::XorMappedAddress, out.written());
}

void StunBuilder::error_code(unsigned code, std::string_view reason) {
  std::array<std::uint8_t, 128> value{};
  ByteWriter out(value);
  out.u16(0);
  out.u8(static_cast<std::uint8_t>(code / 100));
  out.u8(static_cast<std::uint8_t>(code % 100));
  out.bytes(bytes_of(reason.substr(0, value.size() - out.size())));
  attribute(StunAttribute::ErrorCode, out.written());
}

void StunBuilder::unknown_attributes(std::span<const std::uint16_t> types) {
  std::array<std::uint8_t, 32> value{};
  ByteWriter out(value);
  for (const std::uint16_t type : types.first(std::min(types.size(), value.size() / 2))) {
    out.u16(type);
  }
  attribute(StunAttribute::UnknownAttributes, out.written());
}

void StunBuilder::priority(std::uint32_t value) {
  std::array<std::uint8_t, 4> octets{};
  ByteWriter(octets).u32(value);
  attribute(StunAttribute::Priority, octets);
}

void StunBuilder::ice_controlling(std::uint64_t tie_breaker) {
  u64_attribute(StunAttribute::IceControlling, tie_breaker);
}

void StunBuilder::ice_controlled(std::uint64_t tie_breaker) {
  u64_attribute(StunAttribute::IceControlled, tie_breaker);
}

void StunBuilder::set_length(std::size_t total) {
  if (!out_.ok()) return;
  ByteWriter(buffer_.subspan(2)).u16(static_cast<std::uint16_t>(total - kStunHeaderSize));
}

Bytes StunBuilder::finish(const Seal& seal) {
  if (seal.key) {
    set_length(out_.size() + 4 + kHmacSha1Size);
    attribute(StunAttribute::MessageIntegrity, hmac_sha1(*seal.key, out_.written(), {}));
  }
  if (seal.fingerprint) {
    set_length(out_.size() + 8);
    std::array<std::uint8_t, 4> octets{};
    ByteWriter(octets).u32(crc32(out_.written(), {}) ^ kStunFingerprintXor);
    attribute(StunAttribute::Fingerprint, octets);
  }
  set_length(out_.size());
  return out_.ok() ? out_.written() : Bytes{};
}

}  // namespace rtc
