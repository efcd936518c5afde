// Protects what we send.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "rtc/srtp/srtp_protection.hpp"

namespace rtc {

class SrtpSender {
 public:
  explicit SrtpSender(const SrtpMasterKey& master);

  SrtpSuite suite() const { return suite_; }

  // `rtp` has an RTP header, and tag_size() octets of room. Returns the whole packet. `sequence` is
  // the unwrapped sequence number of the stream, whose first value is below 2^16 and whose lowest
  // 16 bits the header has. No sequence number of an SSRC may come twice: what is retransmitted
  // goes out on a retransmission stream (RFC 4588). The packet is complete after queue.finish(),
  // and must not move before.
  Bytes protect_rtp(const PlainRtp& rtp, std::uint64_t sequence, SigningQueue& queue) {
    rtp_->seal_rtp(sequence, rtp, queue);
    return rtp.packet.first(rtp.size() + tag_size(suite_));
  }

  // `packet` holds `size` octets of RTCP (at least 8) and kSrtpOverheadMax octets of room. Returns
  // the whole packet, or nothing once 2^31 packets were sent: the keys are used up then.
  Bytes protect_rtcp(MutableBytes packet, std::size_t size);

 private:
  SrtpSuite suite_;
  std::unique_ptr<SrtpProtection> rtp_;
  std::unique_ptr<SrtpProtection> rtcp_;
  std::uint32_t rtcp_index_ = 0;  // one count for all SSRCs keeps every one's numbers apart
};

}  // namespace rtc
