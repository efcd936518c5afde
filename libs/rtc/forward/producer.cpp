#include "rtc/forward/producer.hpp"

#include <algorithm>

#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"

namespace rtc {

namespace {

constexpr std::size_t kNackMax = 64;  // packets that one message asks for

// The octets that a view's payload stands on, to be written to.
MutableBytes payload_of(const RtpView& view, MutableBytes datagram) {
  const auto offset = static_cast<std::size_t>(view.payload.data() - datagram.data());
  return datagram.subspan(offset, view.payload.size());
}

}  // namespace

Producer::Producer(const Options& options, RtpTransport& transport)
    : options_(options), transport_(transport) {
  for (const ProducerStream::Options& stream : options.streams) {
    streams_.push_back(std::make_unique<ProducerStream>(stream));
  }
}

Consumer& Producer::add_consumer(const Consumer::Options& options, RtpTransport& transport) {
  consumers_.push_back(std::make_unique<Consumer>(options, transport));
  if (const auto wanted = consumers_.back()->wanted_key_frame())
    streams_[*wanted]->request_key_frame();
  return *consumers_.back();
}

void Producer::remove_consumer(const Consumer& consumer) {
  std::erase_if(consumers_, [&](const auto& one) { return one.get() == &consumer; });
}

Producer::Drop Producer::handle_rtp(Instant now, std::size_t stream, const RtpView& view,
                                    MutableBytes datagram, Outbox& out) {
  if (view.header.payload_type != options_.payload_type) return Drop::WrongPayloadType;
  return distribute(now, stream, view.header, payload_of(view, datagram), datagram, out);
}

// The original packet stands in the payload, behind its sequence number; its header is made anew
// right in front of it, over what is not needed any more.
Producer::Drop Producer::handle_rtx(Instant now, std::size_t stream, const RtpView& view,
                                    MutableBytes datagram, Outbox& out) {
  const bool is_rtx =
      options_.rtx_payload_type != 0 && view.header.payload_type == options_.rtx_payload_type;
  if (!is_rtx) return Drop::WrongPayloadType;
  if (view.payload.size() <= 2) return Drop::None;  // padding that probes for bandwidth
  RtpHeader header = view.header;
  header.payload_type = options_.payload_type;
  header.sequence = ByteReader(view.payload).u16();
  header.ssrc = streams_[stream]->options().ssrc;
  const MutableBytes payload = payload_of(view, datagram).subspan(2);
  const auto start = static_cast<std::size_t>(payload.data() - datagram.data()) - kRtpHeaderSize;
  const MutableBytes original = datagram.subspan(start, kRtpHeaderSize + payload.size());
  ByteWriter writer(original);
  writer.u8(0x80);
  writer.u8(static_cast<std::uint8_t>((header.marker ? 0x80U : 0U) | header.payload_type));
  writer.u16(header.sequence);
  writer.u32(header.timestamp);
  writer.u32(header.ssrc);
  return distribute(now, stream, header, payload, original, out);
}

Producer::Drop Producer::distribute(Instant now, std::size_t stream, const RtpHeader& header,
                                    MutableBytes payload, Bytes datagram, Outbox& out) {
  MediaPacket packet{.header = header, .payload = payload, .stream = stream};
  // Padding alone counts for the statistics, and has nothing to look into.
  if (!payload.empty() && !inspect_payload(options_.codec, packet)) return Drop::Malformed;
  ProducerStream& source = *streams_[stream];
  const auto sequence = source.receive(now, header, datagram);
  if (!sequence) return Drop::Duplicate;
  packet.sequence = *sequence;
  if (packet.is_key_frame) source.on_key_frame();
  for (const auto& consumer : consumers_) {
    consumer->forward(now, packet, source, out);
  }
  return Drop::None;
}

void Producer::handle_sender_report(Instant now, std::size_t stream, const SenderReport& report,
                                    Outbox& out) {
  streams_[stream]->on_sender_report(now, report);
  for (const auto& consumer : consumers_) consumer->forward_report(report, stream, out);
}

void Producer::handle_key_frame_request(const Consumer& consumer) {
  const auto wanted = consumer.wanted_key_frame();
  const auto stream = wanted ? wanted : consumer.current();
  if (stream && options_.kind == MediaKind::Video) streams_[*stream]->request_key_frame();
}

void Producer::handle_timeout(Instant now, Outbox& out) {
  for (const auto& stream : streams_) {
    std::array<std::uint8_t, 512> buffer;
    ByteWriter writer(buffer);
    const std::uint32_t ssrc = stream->options().ssrc;
    std::array<std::int64_t, kNackMax> numbers;
    std::array<std::uint16_t, kNackMax> sequences;
    const auto due = stream->poll_nack(now, numbers);
    std::ranges::transform(due, sequences.begin(),
                           [](std::int64_t number) { return static_cast<std::uint16_t>(number); });
    Nack::write(writer, options_.feedback_ssrc, ssrc, std::span(sequences).first(due.size()));
    if (stream->poll_key_frame_request(now)) {
      Pli{.sender_ssrc = options_.feedback_ssrc, .media_ssrc = ssrc}.write(writer);
    }
    if (writer.ok() && writer.size() > 0) transport_.send_rtcp(writer.written(), out);
  }
}

Instant Producer::next_timeout() const {
  Instant next = Instant::never();
  for (const auto& stream : streams_) next = std::min(next, stream->next_timeout());
  return next;
}

}  // namespace rtc
