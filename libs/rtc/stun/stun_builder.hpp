// Writes STUN messages (RFC 8489) as ICE and NAT discovery use them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "rtc/stun/stun_types.hpp"

namespace rtc {

// Builds one message at the front of a buffer that it does not own: attributes in the order of
// the calls, then finish().
//
//   StunBuilder answer(buffer, StunClass::Success, kStunBinding, request.transaction);
//   answer.xor_mapped_address(from);
//   const Bytes datagram = answer.finish({.key = bytes_of(password), .fingerprint = true});
class StunBuilder {
 public:
  struct Seal {
    std::optional<Bytes> key;  // adds MESSAGE-INTEGRITY with this key
    bool fingerprint = true;   // adds FINGERPRINT
  };

  StunBuilder(MutableBytes buffer, StunClass message_class, std::uint16_t method,
              const TransactionId& transaction);

  void username(std::string_view name) { attribute(StunAttribute::Username, bytes_of(name)); }
  void software(std::string_view name) { attribute(StunAttribute::Software, bytes_of(name)); }
  void xor_mapped_address(const Endpoint& endpoint);
  // `code` from 300 to 699 (RFC 8489 section 14.8).
  void error_code(unsigned code, std::string_view reason);
  void unknown_attributes(std::span<const std::uint16_t> types);
  void priority(std::uint32_t value);
  void use_candidate() { attribute(StunAttribute::UseCandidate, {}); }
  void ice_controlling(std::uint64_t tie_breaker);
  void ice_controlled(std::uint64_t tie_breaker);

  // The whole message, which lives in the buffer; empty when the buffer was too small.
  Bytes finish(const Seal& seal);

 private:
  void attribute(StunAttribute type, Bytes value);
  void u64_attribute(StunAttribute type, std::uint64_t value);
  void set_length(std::size_t total);

  MutableBytes buffer_;
  ByteWriter out_;
  TransactionId transaction_;
};

}  // namespace rtc
