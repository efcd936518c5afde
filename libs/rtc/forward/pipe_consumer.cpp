#include "rtc/forward/pipe_consumer.hpp"

#include <algorithm>
#include <array>

namespace rtc {

PipeConsumer::PipeConsumer(MediaKind kind, std::span<const std::uint32_t> ssrcs,
                           RtpTransport& transport)
    : transport_(transport), wanted_(kind == MediaKind::Audio ? ssrcs.size() : 0) {
  for (const std::uint32_t ssrc : ssrcs) streams_.push_back({.ssrc = ssrc});
}

void PipeConsumer::set_wanted(std::size_t streams) {
  streams = std::min(streams, streams_.size());
  for (std::size_t i = wanted_; i < streams; ++i) streams_[i].sequences.change_source();
  wanted_ = streams;
}

void PipeConsumer::interrupt() {
  for (Stream& stream : streams_) stream.sequences.change_source();
}

void PipeConsumer::forward(Instant now, const MediaPacket& packet,
                           const RtpExtensionValues& extensions, const RtpExtensionIds& ids,
                           Outbox& out) {
  if (packet.stream >= wanted_) return;
  Stream& stream = streams_[packet.stream];
  const auto sequence = stream.sequences.forward(packet.sequence);
  if (!sequence) return;
  stream.out_unwrapper.unwrap(static_cast<std::uint16_t>(*sequence));
  send(now, packet.header, *sequence, packet.payload, stream, extensions, ids, out);
}

void PipeConsumer::send(Instant now, const RtpHeader& header, std::int64_t sequence, Bytes payload,
                        const Stream& stream, const RtpExtensionValues& extensions,
                        const RtpExtensionIds& ids, Outbox& out) {
  std::array<RtpExtensionElement, kHandedOn.size()> elements;
  std::size_t count = 0;
  for (const RtpExtension which : kHandedOn) {
    if (extensions[which]) elements[count++] = {ids.id_of(which), *extensions[which]};
  }
  OutgoingRtp outgoing;
  outgoing.now = now;
  outgoing.header = header;
  outgoing.header.sequence = static_cast<std::uint16_t>(sequence);
  outgoing.header.ssrc = stream.ssrc;
  outgoing.sequence = static_cast<std::uint64_t>(sequence);
  outgoing.extensions = std::span(elements).first(count);
  outgoing.payload = payload;
  transport_.send_rtp(outgoing, out);
}

void PipeConsumer::forward_report(const SenderReport& report, std::size_t stream, Outbox& out) {
  if (stream >= wanted_) return;
  SenderReport own = report;
  own.ssrc = streams_[stream].ssrc;
  own.reports = {};
  std::array<std::uint8_t, 64> buffer;
  ByteWriter writer(buffer);
  own.write(writer);
  transport_.send_rtcp(writer.written(), out);
}

void PipeConsumer::resend(Instant now, std::uint16_t sequence, std::size_t stream,
                          const ProducerStream& source, const RtpExtensionIds& ids, Outbox& out) {
  const Stream& wanted = streams_[stream];
  const std::int64_t number = wanted.out_unwrapper.peek(sequence);
  const auto origin = wanted.sequences.source_of(number);
  const auto datagram = origin ? source.cached(now, *origin) : std::nullopt;
  const auto view = datagram ? RtpView::parse(*datagram) : std::unexpected(RtpError::TooShort);
  if (!view) return;
  const auto extensions = RtpExtensionValues::read(view->extension_profile, view->extension, ids);
  send(now, view->header, number, view->payload, wanted, extensions, ids, out);
}

}  // namespace rtc
