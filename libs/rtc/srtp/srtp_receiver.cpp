#include "rtc/srtp/srtp_receiver.hpp"

#include "rtc/rtp/rtp_view.hpp"

namespace rtc {

namespace {

// The index nearest to the newest one (RFC 3711 section 3.3.1 and appendix A).
std::uint64_t guess_index(const ReplayWindow* window, std::uint16_t sequence) {
  if (window == nullptr) return sequence;  // a new stream starts without roll-overs
  const std::uint64_t newest = window->newest();
  const std::uint64_t roll_over = newest >> 16;
  const auto last = static_cast<std::uint16_t>(newest);
  constexpr int kHalf = 0x8000;
  const int difference = int{sequence} - int{last};
  if (difference < -kHalf) return (roll_over + 1) << 16 | sequence;
  if (difference > kHalf && roll_over > 0) return (roll_over - 1) << 16 | sequence;
  return roll_over << 16 | sequence;
}

template <class Streams>
auto find(Streams& streams, std::uint32_t ssrc) {
  const auto found = streams.find(ssrc);
  return found == streams.end() ? nullptr : &found->second;
}

}  // namespace

SrtpReceiver::SrtpReceiver(const SrtpMasterKey& master)
    : suite_(master.suite),
      rtp_(make_srtp_protection(derive_srtp_keys(master, SrtpPurpose::Rtp))),
      rtcp_(make_srtp_protection(derive_srtp_keys(master, SrtpPurpose::Rtcp))) {}

std::expected<MutableBytes, SrtpError> SrtpReceiver::unprotect_rtp(MutableBytes packet) {
  const auto head = rtp_payload_offset(packet);
  if (!head) {
    const bool is_short = head.error() == RtpError::TooShort;
    return std::unexpected(is_short ? SrtpError::TooShort : SrtpError::BadHeader);
  }
  if (packet.size() < *head + tag_size(suite_)) return std::unexpected(SrtpError::TooShort);
  ByteReader in(packet);
  in.u16();
  const std::uint16_t sequence = in.u16();
  in.u32();
  const std::uint32_t ssrc = in.u32();

  ReplayWindow* window = find(rtp_streams_, ssrc);
  const std::uint64_t index = guess_index(window, sequence);
  if (window != nullptr && !window->is_new(index)) return std::unexpected(SrtpError::Replayed);
  if (!rtp_->open_rtp(index, packet, *head)) return std::unexpected(SrtpError::Forged);
  if (window == nullptr) {
    if (rtp_streams_.size() == kStreamsMax) return std::unexpected(SrtpError::TooManyStreams);
    window = &rtp_streams_[ssrc];
  }
  window->mark(index);
  return packet.first(packet.size() - tag_size(suite_));
}

std::expected<MutableBytes, SrtpError> SrtpReceiver::unprotect_rtcp(MutableBytes packet) {
  const std::size_t trailer = kSrtcpIndexSize + tag_size(suite_);
  if (packet.size() < kSrtcpHeadSize + trailer) return std::unexpected(SrtpError::TooShort);
  const std::uint32_t word = srtcp_index_word(suite_, packet);
  const bool is_encrypted = (word & kSrtcpEncryptedFlag) != 0;
  if (packet[0] >> 6 != 2 || !is_encrypted) return std::unexpected(SrtpError::BadHeader);
  const std::uint32_t index = word & ~kSrtcpEncryptedFlag;
  const std::uint32_t ssrc = ByteReader(packet.subspan(4)).u32();

  ReplayWindow* window = find(rtcp_streams_, ssrc);
  if (window != nullptr && !window->is_new(index)) return std::unexpected(SrtpError::Replayed);
  if (!rtcp_->open_rtcp(index, packet)) return std::unexpected(SrtpError::Forged);
  if (window == nullptr) {
    if (rtcp_streams_.size() == kStreamsMax) return std::unexpected(SrtpError::TooManyStreams);
    window = &rtcp_streams_[ssrc];
  }
  window->mark(index);
  return packet.first(packet.size() - trailer);
}

}  // namespace rtc
