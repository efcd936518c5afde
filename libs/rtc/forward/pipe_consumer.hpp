// A producer on its way to another engine: what a consumer is to a receiver, this is to a pipe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rtc/forward/producer_stream.hpp"
#include "rtc/forward/rtp_transport.hpp"
#include "rtc/rtp/unwrapper.hpp"
#include "rtc/stream/number_rewriter.hpp"

namespace rtc {

// Hands on every encoding that is wanted at the other end, each under an SSRC of its own, payload,
// timestamps and extensions as they came; audio always, since voices are compared there. Sequence
// numbers go on without a gap over what was not wanted or was paused. Never allocates for a packet.
class PipeConsumer {
 public:
  // One SSRC for each stream of the producer; `transport` outlives the pipe.
  PipeConsumer(MediaKind kind, std::span<const std::uint32_t> ssrcs, RtpTransport& transport);

  std::size_t stream_count() const { return streams_.size(); }
  std::uint32_t ssrc(std::size_t stream) const { return streams_[stream].ssrc; }

  // So many encodings, from the lowest on.
  void set_wanted(std::size_t streams);
  std::size_t wanted() const { return wanted_; }
  // Nothing comes for a while.
  void interrupt();

  // `ids` are those of the packet's extensions, here and there.
  void forward(Instant now, const MediaPacket& packet, const RtpExtensionValues& extensions,
               const RtpExtensionIds& ids, Outbox& out);
  void forward_report(const SenderReport& report, std::size_t stream, Outbox& out);
  // Once more what the pipe lost, where `source` still has it.
  void resend(Instant now, std::uint16_t sequence, std::size_t stream, const ProducerStream& source,
              const RtpExtensionIds& ids, Outbox& out);

 private:
  struct Stream {
    std::uint32_t ssrc;
    NumberRewriter sequences{1};
    SequenceUnwrapper out_unwrapper = {};
  };

  void send(Instant now, const RtpHeader& header, std::int64_t sequence, Bytes payload,
            const Stream& stream, const RtpExtensionValues& extensions, const RtpExtensionIds& ids,
            Outbox& out);

  RtpTransport& transport_;
  std::vector<Stream> streams_;
  std::size_t wanted_;
};

}  // namespace rtc
