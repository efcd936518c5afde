#include "rtc/forward/producer.hpp"

#include <algorithm>
#include <utility>

#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtp/extension_values.hpp"

namespace rtc {

namespace {

constexpr std::size_t kNackMax = 64;   // packets that one message asks for
constexpr std::size_t kRtxPrefix = 2;  // octets

// The octets that a view's payload stands on, to be written to.
MutableBytes payload_of(const RtpView& view, MutableBytes datagram) {
  const auto offset = static_cast<std::size_t>(view.payload.data() - datagram.data());
  return datagram.subspan(offset, view.payload.size());
}

}  // namespace

Producer::Producer(const Options& options, RtpTransport& transport)
    : options_(options), transport_(transport) {
  waiting_.reserve(kWaitingMax);
  for (const ProducerStream::Options& stream : options.streams) {
    streams_.push_back(std::make_unique<ProducerStream>(stream));
  }
}

std::size_t Producer::layer_count() const {
  return streams_.size() > 1 ? streams_.size() : streams_.front()->layer_count();
}

DataRate Producer::layer_rate(Instant now, std::size_t layer) {
  if (streams_.size() == 1) return streams_.front()->layer_rate(now, layer);
  ProducerStream& stream = *streams_[layer];
  return stream.layer_rate(now, stream.layer_count() - 1);
}

Consumer& Producer::add_consumer(const Consumer::Options& options, RtpTransport& transport) {
  Consumer::Options own = options;
  own.codec = options_.codec;
  consumers_.push_back(std::make_unique<Consumer>(own, transport));
  if (own.rtx_ssrc) keep_packets();
  if (consumers_.back()->wanted_key_frame()) handle_key_frame_request(*consumers_.back());
  return *consumers_.back();
}

void Producer::remove_consumer(const Consumer& consumer) {
  std::erase_if(consumers_, [&](const auto& one) { return one.get() == &consumer; });
}

PipeConsumer& Producer::add_pipe(std::span<const std::uint32_t> ssrcs, RtpTransport& transport) {
  pipes_.push_back(std::make_unique<PipeConsumer>(options_.kind, ssrcs, transport));
  keep_packets();
  return *pipes_.back();
}

void Producer::keep_packets() {
  for (const auto& stream : streams_) stream->keep_packets();
}

void Producer::remove_pipe(const PipeConsumer& pipe) {
  std::erase_if(pipes_, [&](const auto& one) { return one.get() == &pipe; });
}

std::optional<Producer::Learned> Producer::learn(const RtpHeader& header,
                                                 const RtpExtensionValues& extensions) {
  const auto name = [&](RtpExtension which) {
    return extensions[which] ? parse_stream_name(*extensions[which]) : std::nullopt;
  };
  const auto mid = name(RtpExtension::Mid);
  const auto rid = name(RtpExtension::RtpStreamId);
  const auto repaired = name(RtpExtension::RepairedRtpStreamId);
  if (mid && !options_.mid.empty() && *mid != options_.mid) return std::nullopt;
  if (!mid && !rid && !repaired) return std::nullopt;
  const bool is_rtx =
      options_.rtx_payload_type != 0 && header.payload_type == options_.rtx_payload_type;
  if (!is_rtx && !is_media(header.payload_type)) return std::nullopt;
  const std::string_view wanted = is_rtx ? repaired.value_or("") : rid.value_or("");
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const ProducerStream::Options& stream = streams_[i]->options();
    if (stream.rid != wanted || (is_rtx ? stream.rtx_ssrc : stream.ssrc)) continue;
    if (is_rtx) {
      streams_[i]->learn_rtx_ssrc(header.ssrc);
    } else {
      streams_[i]->learn_ssrc(header.ssrc);
    }
    return Learned{.stream = i, .is_rtx = is_rtx};
  }
  return std::nullopt;
}

bool Producer::is_media(std::uint8_t payload_type) const {
  const bool is_red = options_.red_payload_type != 0 && payload_type == options_.red_payload_type;
  return is_red || payload_type == options_.payload_type;
}

Producer::Drop Producer::handle_rtp(Instant now, std::size_t stream, const RtpView& view,
                                    const RtpExtensionValues& extensions, MutableBytes datagram,
                                    Outbox& out) {
  if (!is_media(view.header.payload_type)) return Drop::WrongPayloadType;
  MediaPacket packet{
      .header = view.header, .payload = payload_of(view, datagram), .stream = stream};
  // Padding alone counts for the statistics, and has nothing to look into.
  if (!packet.payload.empty() && !inspect_payload(options_.codec, packet)) return Drop::Malformed;
  const bool is_red = view.header.payload_type != options_.payload_type;
  if (is_red && !packet.payload.empty()) {
    packet.red = RedPayload::parse(packet.payload, options_.payload_type);
    if (!packet.red) return Drop::Malformed;
  }
  ProducerStream& source = *streams_[stream];
  DependencyDescriptor dependencies;
  source.read_dependencies(extensions, dependencies, packet);
  const auto sequence = source.receive(now, packet, datagram);
  if (!sequence) return Drop::Duplicate;
  packet.sequence = *sequence;
  if (packet.is_key_frame) source.on_key_frame();
  if (is_paused_) return Drop::None;
  // Before a consumer writes its own numbers into the payload.
  for (const auto& pipe : pipes_) {
    pipe->forward(now, packet, extensions, options_.extension_ids, out);
  }
  if (!is_heard(now, extensions)) return Drop::None;
  waiting_.push_back({.packet = packet,
                      .extensions = extensions,
                      .dependencies = std::move(dependencies),
                      .structure = source.dependency_structure()});
  return Drop::None;
}

void Producer::flush(Instant now, Outbox& out) {
  for (Waiting& waiting : waiting_) {
    waiting.packet.extensions = &waiting.extensions;
    if (waiting.packet.dependencies == nullptr) continue;
    waiting.packet.dependencies = &waiting.dependencies;
    waiting.packet.structure = waiting.structure.get();
  }
  for (const auto& consumer : consumers_) {
    if (!consumer->is_connected()) continue;
    for (Waiting& waiting : waiting_) {
      consumer->forward(now, waiting.packet, *streams_[waiting.packet.stream], out);
    }
  }
  waiting_.clear();
}

// False for audio that the room does without. Numbers go on without a gap when it is heard again.
bool Producer::is_heard(Instant now, const RtpExtensionValues& extensions) {
  if (options_.room == nullptr) return true;
  const auto& data = extensions[RtpExtension::AudioLevel];
  const auto level = data ? AudioLevel::parse(*data) : std::nullopt;
  const bool is_silent = !options_.room->on_packet(now, options_.room_source, level);
  if (is_silent_ && !is_silent) {
    for (const auto& consumer : consumers_) consumer->interrupt();
  }
  is_silent_ = is_silent;
  return !is_silent;
}

// The original sequence number stands before the original payload (RFC 4588 section 4): what is in
// front of it moves over it, and gets the original's numbers.
Producer::Drop Producer::handle_rtx(Instant now, std::size_t stream, const RtpView& view,
                                    MutableBytes datagram, Outbox& out) {
  const bool is_rtx =
      options_.rtx_payload_type != 0 && view.header.payload_type == options_.rtx_payload_type;
  const auto ssrc = streams_[stream]->options().ssrc;
  if (!is_rtx || !ssrc) return Drop::WrongPayloadType;
  if (view.payload.size() <= kRtxPrefix) return Drop::None;  // padding that probes for bandwidth
  const std::uint16_t sequence = ByteReader(view.payload).u16();
  const auto head = static_cast<std::size_t>(view.payload.data() - datagram.data());
  const MutableBytes original = datagram.subspan(kRtxPrefix);
  std::copy_backward(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(head),
                     original.begin() + static_cast<std::ptrdiff_t>(head));
  ByteWriter writer(original.subspan(1));
  writer.u8(static_cast<std::uint8_t>((view.header.marker ? 0x80U : 0U) | options_.payload_type));
  writer.u16(sequence);
  writer.u32(view.header.timestamp);
  writer.u32(*ssrc);
  const auto restored = RtpView::parse(original);
  if (!restored) return Drop::Malformed;
  const auto extensions = RtpExtensionValues::read(restored->extension_profile, restored->extension,
                                                   options_.extension_ids);
  return handle_rtp(now, stream, *restored, extensions, original, out);
}

void Producer::handle_sender_report(Instant now, std::size_t stream, const SenderReport& report,
                                    Outbox& out) {
  streams_[stream]->on_sender_report(now, report);
  for (const auto& consumer : consumers_) consumer->forward_report(now, report, stream, out);
  for (const auto& pipe : pipes_) pipe->forward_report(report, stream, out);
}

void Producer::set_paused(bool paused) {
  if (std::exchange(is_paused_, paused) == paused) return;
  for (const auto& pipe : pipes_) pipe->interrupt();
  for (const auto& consumer : consumers_) {
    if (paused) {
      consumer->interrupt();
    } else if (consumer->wanted_key_frame()) {
      handle_key_frame_request(*consumer);
    }
  }
}

void Producer::handle_key_frame_request(const Consumer& consumer) {
  const auto wanted = consumer.wanted_key_frame();
  const auto stream = wanted ? wanted : consumer.current();
  if (stream) request_key_frame(*stream);
}

void Producer::request_key_frame(std::size_t stream) {
  if (is_paused_ || options_.kind != MediaKind::Video) return;
  streams_[stream]->request_key_frame();
}

bool Producer::handle_picture_loss(Instant now, Consumer& consumer) {
  const auto stream = consumer.current();
  if (is_paused_ || !stream || consumer.wanted_key_frame()) {
    handle_key_frame_request(consumer);  // it stands already
    return true;
  }
  if (streams_[*stream]->wants_key_frame()) return true;
  if (!consumer.may_ask_for_key_frame(now)) return false;
  handle_key_frame_request(consumer);
  return true;
}

void Producer::handle_timeout(Instant now, Outbox& out) {
  for (const auto& stream : streams_) {
    if (!stream->options().ssrc) continue;  // whom to ask is not known yet
    const std::uint32_t ssrc = *stream->options().ssrc;
    std::array<std::uint8_t, 512> buffer;
    ByteWriter writer(buffer);
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
  for (const auto& stream : streams_) {
    if (stream->options().ssrc) next = std::min(next, stream->next_timeout());
  }
  return next;
}

}  // namespace rtc
