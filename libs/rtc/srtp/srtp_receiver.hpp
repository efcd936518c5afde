// Checks and decrypts what we receive.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <unordered_map>

#include "base/bytes.hpp"
#include "rtc/srtp/replay_window.hpp"
#include "rtc/srtp/srtp_protection.hpp"

namespace rtc {

enum class SrtpError : std::uint8_t {
  TooShort,        // less than header and tag
  BadHeader,       // not RTP or RTCP, or RTCP that says it is not encrypted
  Forged,          // the tag does not fit: another key, or changed under way
  Replayed,        // came already, or is older than the window
  TooManyStreams,  // authentic, but the peer has as many SSRCs as it may
};

// Nothing changes before a packet proved authentic (RFC 3711 section 3.3): neither the roll-over
// counters nor the windows nor the set of streams.
class SrtpReceiver {
 public:
  static constexpr std::size_t kStreamsMax = 256;  // SSRCs, for RTP and RTCP each

  explicit SrtpReceiver(const SrtpMasterKey& master);

  // Decrypts in place; the packet without its tag.
  std::expected<MutableBytes, SrtpError> unprotect_rtp(MutableBytes packet);
  // Decrypts in place; the packet without index and tag.
  std::expected<MutableBytes, SrtpError> unprotect_rtcp(MutableBytes packet);

 private:
  using Streams = std::unordered_map<std::uint32_t, ReplayWindow>;

  SrtpSuite suite_;
  std::unique_ptr<SrtpProtection> rtp_;
  std::unique_ptr<SrtpProtection> rtcp_;
  Streams rtp_streams_;
  Streams rtcp_streams_;
};

}  // namespace rtc
