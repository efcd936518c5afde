// Where in a packet what is encrypted and signed with what: the packet formats of SRTP and SRTCP.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "rtc/srtp/plain_rtp.hpp"
#include "rtc/srtp/signing_queue.hpp"
#include "rtc/srtp/srtp_key_derivation.hpp"

namespace rtc {

// The keys of one direction for RTP or RTCP, at work on packets whose index is known. Not
// thread-safe. Nothing here allocates.
class SrtpProtection {
 public:
  SrtpProtection() = default;
  SrtpProtection(const SrtpProtection&) = delete;
  SrtpProtection& operator=(const SrtpProtection&) = delete;
  virtual ~SrtpProtection() = default;

  // The 48-bit index of RTP: roll-over counter and sequence number (RFC 3711 section 3.3.1).
  // The packet is complete after queue.finish(), and must not move before.
  virtual void seal_rtp(std::uint64_t index, const PlainRtp& rtp, SigningQueue& queue) = 0;
  // False when `packet` (of at least head and tag) is not authentic. Decrypts in place.
  virtual bool open_rtp(std::uint64_t index, MutableBytes packet, std::size_t head_size) = 0;

  // The 31-bit index of RTCP. `packet` holds `size` octets (at least 8) and room for index and tag.
  virtual void seal_rtcp(std::uint32_t index, MutableBytes packet, std::size_t size) = 0;
  // As open_rtp(); `index` was read by srtcp_index() from the same packet.
  virtual bool open_rtcp(std::uint32_t index, MutableBytes packet) = 0;
};

std::unique_ptr<SrtpProtection> make_srtp_protection(const SrtpSessionKeys& keys);

// The word that ends the encrypted part of an SRTCP packet: a flag that it is encrypted, and the
// index. Its place depends on the suite. `packet` has at least 8 octets, the word and the tag.
std::uint32_t srtcp_index_word(SrtpSuite suite, Bytes packet);
inline constexpr std::uint32_t kSrtcpEncryptedFlag = 0x80000000;
inline constexpr std::size_t kSrtcpHeadSize = 8;   // octets that stay readable
inline constexpr std::size_t kSrtcpIndexSize = 4;  // octets

}  // namespace rtc
