#include "rtc/srtp/srtp_sender.hpp"

namespace rtc {

SrtpSender::SrtpSender(const SrtpMasterKey& master)
    : suite_(master.suite),
      rtp_(make_srtp_protection(derive_srtp_keys(master, SrtpPurpose::Rtp))),
      rtcp_(make_srtp_protection(derive_srtp_keys(master, SrtpPurpose::Rtcp))) {}

Bytes SrtpSender::protect_rtcp(MutableBytes packet, std::size_t size) {
  if (rtcp_index_ == kSrtcpEncryptedFlag) return {};
  rtcp_->seal_rtcp(rtcp_index_++, packet, size);
  return packet.first(size + kSrtcpIndexSize + tag_size(suite_));
}

}  // namespace rtc
