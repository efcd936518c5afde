// The plain STUN server on the media port: tells anyone the address that it is seen from.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <vector>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace rtc {

// Answers Binding requests without credentials (RFC 8489 section 6.3.1).
//
// The sender's address may be forged, so this must not amplify: an answer has 32 (IPv4) or 44
// (IPv6) octets where a request may have 20. Per network (IPv4 /24, IPv6 /56) a balance of octets
// in and out is kept, and an answer is sent only while what went out exceeds what came in by no
// more than kGrant; a debt is forgiven once a second. So a lone request is answered at once, and a
// flood gets out of us no more than it put in and 24 octets a second; a client whose request falls
// between repeats it within half a second, as every STUN client does (section 6.2.1).
//
// The table is of fixed size; networks that fall on the same place displace each other, which the
// secret of the hash keeps from being done on purpose.
class StunReflector {
 public:
  enum class Refusal : std::uint8_t {
    Malformed,   // not STUN, or broken
    NotForUs,    // no Binding request, or one with credentials: ICE's, not ours
    OverBudget,  // the network was sent as much as came from it
  };

  static constexpr std::size_t kNetworks = 4096;
  static constexpr std::int32_t kGrant = 24;         // octets: the first answer to 20 of IPv6
  static constexpr std::int32_t kBalanceMax = 1024;  // octets; more cannot be saved up
  static constexpr Duration kForgiveness = std::chrono::seconds{1};
  static constexpr std::size_t kAnswerMax = 128;  // octets

  explicit StunReflector(Random& random);

  // The answer, written to the front of `buffer` (kAnswerMax octets are always enough), or why
  // there is none.
  std::expected<Bytes, Refusal> answer(Instant now, Bytes request, const Endpoint& from,
                                       MutableBytes buffer);

 private:
  struct Account {
    std::uint64_t network = 0;  // the prefix, never zero in use
    std::int32_t balance = 0;   // octets in less octets out
    Instant forgiven;           // when a debt was last struck out
  };

  Account& account_of(Instant now, const IpAddress& address);

  std::uint64_t secret_;
  std::vector<Account> accounts_;
};

}  // namespace rtc
