#include "rtc/stun/stun_view.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "rtc/stun/stun_digest.hpp"

namespace rtc {

namespace {

constexpr std::size_t kAttributeHeaderSize = 4;
constexpr std::size_t kUsernameMax = 508;  // RFC 8489 section 14.3
constexpr std::uint16_t kFirstOptional = 0x8000;

// XOR-MAPPED-ADDRESS (RFC 8489 section 14.2); nullopt when family and size disagree.
std::optional<Endpoint> unmask_address(Bytes value, const TransactionId& transaction) {
  ByteReader in(value);
  in.u8();
  const std::uint8_t family = in.u8();
  Endpoint endpoint;
  endpoint.port = static_cast<std::uint16_t>(in.u16() ^ (kStunMagicCookie >> 16));
  const std::size_t size = family == 1 ? 4 : 16;
  if (!in.ok() || (family != 1 && family != 2) || in.remaining() != size) return std::nullopt;

  std::array<std::uint8_t, 16> mask{};
  ByteWriter(mask).u32(kStunMagicCookie);
  std::ranges::copy(transaction, mask.begin() + 4);
  std::array<std::uint8_t, 16> plain{};
  const Bytes masked = in.take(size);
  for (std::size_t i = 0; i < size; ++i) plain[i] = masked[i] ^ mask[i];
  endpoint.address =
      family == 1 ? IpAddress::v4({plain[0], plain[1], plain[2], plain[3]}) : IpAddress{plain};
  return endpoint;
}

template <class Value>
bool keep_first(std::optional<Value>& field, Value value) {
  if (!field) field = value;
  return true;
}

// The header as it was when an attribute that ends at `end` was the last one.
std::array<std::uint8_t, kStunHeaderSize> header_up_to(Bytes datagram, std::size_t end) {
  std::array<std::uint8_t, kStunHeaderSize> header{};
  std::ranges::copy(datagram.first(kStunHeaderSize), header.begin());
  ByteWriter(MutableBytes(header).subspan(2))
      .u16(static_cast<std::uint16_t>(end - kStunHeaderSize));
  return header;
}

bool fingerprint_fits(Bytes datagram, std::size_t offset, std::uint32_t value) {
  const auto header = header_up_to(datagram, offset + kAttributeHeaderSize + 4);
  const Bytes body = datagram.subspan(kStunHeaderSize, offset - kStunHeaderSize);
  return (crc32(header, body) ^ kStunFingerprintXor) == value;
}

}  // namespace

// False when the attribute has a size or content that it cannot have.
bool StunView::read_attribute(StunAttribute type, Bytes value) {
  ByteReader in(value);
  const bool is_u32 = value.size() == 4;
  const bool is_u64 = value.size() == 8;
  switch (type) {
    case StunAttribute::Username:
      return value.size() <= kUsernameMax && keep_first(username, text_of(value));
    case StunAttribute::XorMappedAddress: {
      const auto endpoint = unmask_address(value, transaction);
      return endpoint && keep_first(xor_mapped_address, *endpoint);
    }
    case StunAttribute::ErrorCode: {
      in.u16();
      const unsigned hundreds = in.u8() & 7U;
      const unsigned code = hundreds * 100 + in.u8() % 100U;
      return in.ok() && hundreds >= 3 && hundreds <= 6 && keep_first(error_code, code);
    }
    case StunAttribute::Priority:
      return is_u32 && keep_first(priority, in.u32());
    case StunAttribute::IceControlling:
      return is_u64 && keep_first(ice_controlling, in.u64());
    case StunAttribute::IceControlled:
      return is_u64 && keep_first(ice_controlled, in.u64());
    case StunAttribute::UseCandidate:
      use_candidate = true;
      return value.empty();
    case StunAttribute::MessageIntegrity:
      has_integrity = true;
      return value.size() == kHmacSha1Size;
    case StunAttribute::UnknownAttributes:
    case StunAttribute::Realm:
    case StunAttribute::Nonce:
    case StunAttribute::Software:
    case StunAttribute::Fingerprint:
      return true;
  }
  const auto number = static_cast<std::uint16_t>(type);
  if (number < kFirstOptional && unknown_required_count < kUnknownMax) {
    unknown_required[unknown_required_count++] = number;
  }
  return true;
}

std::expected<StunView, StunError> StunView::parse(Bytes datagram) {
  if (datagram.size() < kStunHeaderSize) return std::unexpected(StunError::TooShort);
  ByteReader in(datagram);
  const std::uint16_t type = in.u16();
  const std::size_t length = in.u16();
  if (type >= 0x4000 || in.u32() != kStunMagicCookie) return std::unexpected(StunError::NotStun);
  if (length % 4 != 0 || length != datagram.size() - kStunHeaderSize) {
    return std::unexpected(StunError::BadLength);
  }

  StunView view;
  view.datagram_ = datagram;
  // The class is spread over bits 4 and 8 of the type (RFC 8489 section 5).
  view.message_class = static_cast<StunClass>((type >> 4 & 1) | (type >> 7 & 2));
  view.method = static_cast<std::uint16_t>((type & 0xF) | (type >> 1 & 0x70) | (type >> 2 & 0xF80));
  std::ranges::copy(in.take(view.transaction.size()), view.transaction.begin());

  while (in.remaining() > 0) {
    const std::size_t offset = datagram.size() - in.remaining();
    const auto attribute = static_cast<StunAttribute>(in.u16());
    const std::size_t size = in.u16();
    const Bytes value = in.take(size);
    in.take((4 - size % 4) % 4);  // padding, of any value
    if (!in.ok()) return std::unexpected(StunError::BadAttribute);

    if (attribute == StunAttribute::Fingerprint) {
      view.has_fingerprint = size == 4 && in.remaining() == 0 &&
                             fingerprint_fits(datagram, offset, ByteReader(value).u32());
      if (!view.has_fingerprint) return std::unexpected(StunError::BadFingerprint);
      break;
    }
    if (view.has_integrity) continue;
    if (attribute == StunAttribute::MessageIntegrity) view.integrity_offset_ = offset;
    if (!view.read_attribute(attribute, value)) return std::unexpected(StunError::BadAttribute);
  }
  return view;
}

bool StunView::is_authentic(Bytes key) const {
  if (!has_integrity) return false;
  const std::size_t end = integrity_offset_ + kAttributeHeaderSize + kHmacSha1Size;
  const auto header = header_up_to(datagram_, end);
  const Bytes body = datagram_.subspan(kStunHeaderSize, integrity_offset_ - kStunHeaderSize);
  const auto expected = hmac_sha1(key, header, body);
  const Bytes given = datagram_.subspan(integrity_offset_ + kAttributeHeaderSize, kHmacSha1Size);
  return CRYPTO_memcmp(expected.data(), given.data(), expected.size()) == 0;
}

}  // namespace rtc
