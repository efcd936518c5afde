#include "rtc/forward/consumer.hpp"

#include <algorithm>

#include "rtc/rtcp/sdes.hpp"

namespace rtc {

namespace {

constexpr std::int64_t kPaddingMax = 32;  // packets that one dose of padding looks through
constexpr std::size_t kRtxPrefix = 2;  // octets: the original sequence number (RFC 4588 section 4)

// What an NTP difference (32.32 seconds, signed) is in ticks.
std::int64_t ntp_to_ticks(std::uint64_t later, std::uint64_t earlier, std::uint32_t clock_rate) {
  const auto difference = static_cast<std::int64_t>(later - earlier);
  return ((difference >> 16) * static_cast<std::int64_t>(clock_rate)) >> 16;
}

LayersBy layers_by(MediaCodec codec) {
  switch (codec) {
    case MediaCodec::Opaque:
      return LayersBy::Nothing;
    case MediaCodec::Vp8:
      return LayersBy::Vp8;
    case MediaCodec::Vp9:
      return LayersBy::Vp9;
    case MediaCodec::H264:
    case MediaCodec::Av1:
      return LayersBy::Dependencies;
  }
  return LayersBy::Nothing;
}

bool is_after(std::uint32_t timestamp, std::uint32_t earlier) {
  return static_cast<std::int32_t>(timestamp - earlier) > 0;
}

}  // namespace

Consumer::Consumer(const Options& options, RtpTransport& transport)
    : options_(options),
      transport_(transport),
      paused_(options.paused),
      extensions_(options.extension_ids, options.mid),
      sequences_(options.first_sequence) {
  const LayersBy by = layers_by(options.codec);
  if (by == LayersBy::Nothing) return;
  layers_ = std::make_unique<LayerFilter>(by);
  decided_ = std::make_unique<DecidedNewly>();
}

void Consumer::set_layers(const LayerTarget& layers) {
  if (layers_) layers_->set_target(layers);
}

void Consumer::set_paused(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  interrupt();
}

std::optional<std::size_t> Consumer::wanted_key_frame() const {
  const bool lacks = current_ != target_ || (layers_ && layers_->wants_key_frame());
  const bool can_have = !paused_ && transport_.is_connected();
  const bool wants = can_have && options_.kind == MediaKind::Video && lacks;
  return wants ? std::optional(target_) : std::nullopt;
}

bool Consumer::may_ask_for_key_frame(Instant now) {
  const Instant until = std::max(asked_until_, now);
  if (until - now > kPictureLossInterval * (kPictureLossBurst - 1)) return false;
  asked_until_ = until + kPictureLossInterval;
  return true;
}

bool Consumer::takes_red(const MediaPacket& packet) const {
  return packet.red && options_.red_payload_type != 0;
}

// Of redundant audio, what the receiver knows to read.
Bytes Consumer::payload_of(const MediaPacket& packet, bool takes_red) {
  const bool is_whole = !packet.red || takes_red;
  return is_whole ? packet.payload : packet.payload.subspan(packet.red->primary);
}

std::uint16_t Consumer::frame_of(const DependencyDescriptor& descriptor) const {
  return static_cast<std::uint16_t>(descriptor.frame_number + frame_offset_);
}

bool Consumer::accepts(const MediaPacket& packet, Bytes payload) const {
  if (paused_ || payload.empty()) return false;
  if (packet.stream == current_) return true;
  const bool is_start = options_.kind == MediaKind::Audio || packet.is_key_frame;
  return packet.stream == target_ && is_start;
}

// By the senders' reports where both streams have one, else by the time that passed here.
std::uint32_t Consumer::aligned_timestamp(Instant now, const MediaPacket& packet,
                                          const ProducerStream& source) const {
  const auto& report = source.last_report();
  if (clock_ && report) {
    const auto since_report =
        static_cast<std::int32_t>(packet.header.timestamp - report->rtp_timestamp);
    const std::int64_t between = ntp_to_ticks(report->ntp, clock_->ntp, options_.clock_rate);
    const auto aligned = static_cast<std::uint32_t>(clock_->rtp_timestamp + between + since_report);
    // Reports that disagree by seconds are not to be trusted.
    const std::uint32_t step = aligned - last_timestamp_;
    if (is_after(aligned, last_timestamp_) && step < 10 * options_.clock_rate) return aligned;
  }
  const auto elapsed =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, (now - last_sent_).count()));
  const auto ticks = static_cast<std::uint32_t>(elapsed * options_.clock_rate / 1'000'000);
  return last_timestamp_ + std::max<std::uint32_t>(1, ticks);
}

void Consumer::switch_to(Instant now, const MediaPacket& packet, const ProducerStream& source) {
  const bool is_first = packets_ == 0;
  const std::uint32_t timestamp =
      is_first ? packet.header.timestamp : aligned_timestamp(now, packet, source);
  timestamp_offset_ = timestamp - packet.header.timestamp;
  current_ = packet.stream;
  sequences_.change_source();
  pictures_.change_source();
  base_pictures_.change_source();
  picture_numbers_ = {};
  base_unwrapper_ = {};
  if (layers_) layers_->change_source();
  if (packet.dependencies && !is_first) {
    frame_offset_ =
        static_cast<std::uint16_t>(newest_frame_ + 1 - packet.dependencies->frame_number);
  }
}

LayerVerdict Consumer::judge(const MediaPacket& packet) {
  if (!layers_) return {.forwards = true};
  return layers_->on_packet({.marker = packet.header.marker,
                             .vp8 = packet.vp8 ? &*packet.vp8 : nullptr,
                             .vp9 = packet.vp9 ? &*packet.vp9 : nullptr,
                             .dependencies = packet.dependencies,
                             .structure = packet.structure,
                             .brings_structure = packet.brings_structure});
}

// Leaves no gap in any number. Nothing refers to a VP8 picture that is left out; pictures of VP9
// are referred to by distance, and so keep theirs.
void Consumer::leave_out(Instant now, const MediaPacket& packet, Outbox& out) {
  const auto kept = sequences_.drop(packet.sequence);
  if (kept) send_filler(now, *kept, packet, out);
  if (packet.vp8 && packet.vp8->picture_id) pictures_.drop(picture_of(*packet.vp8));
}

// Nothing, in the place of what the receiver does not need: it would ask for that number again and
// again.
void Consumer::send_filler(Instant now, std::int64_t sequence, const MediaPacket& packet,
                           Outbox& out) {
  OutgoingRtp outgoing;
  extensions_.collect(nullptr);
  extensions_.put_into(outgoing);
  outgoing.now = now;
  outgoing.header = {.payload_type = options_.payload_type,
                     .sequence = static_cast<std::uint16_t>(sequence),
                     .timestamp = packet.header.timestamp + timestamp_offset_,
                     .ssrc = options_.ssrc};
  outgoing.sequence = static_cast<std::uint64_t>(sequence);
  if (transport_.send_rtp(outgoing, out)) ++packets_;
}

LayerVerdict Consumer::decided_of(std::int64_t sequence) const {
  if (!decided_) return {.forwards = true};
  const Decided& one = (*decided_)[static_cast<std::size_t>(sequence) % decided_->size()];
  return one.sequence == sequence ? one.verdict : LayerVerdict{.forwards = true};
}

// False when the picture is not to be forwarded: it is of before the switch.
bool Consumer::rewrite_payload(MediaPacket& packet) {
  if (takes_red(packet)) packet.red->rewrite(packet.payload, options_.payload_type);
  if (packet.vp9 && packet.vp9->has_long_picture_id) return rewrite_pictures(*packet.vp9, packet);
  return !packet.vp8 || rewrite_pictures(*packet.vp8, packet);
}

// It has a picture id.
template <class Descriptor>
std::int64_t Consumer::picture_of(const Descriptor& descriptor) {
  return picture_numbers_.number_of(descriptor.picture_id, descriptor.has_long_picture_id, false);
}

template <class Descriptor>
bool Consumer::rewrite_pictures(const Descriptor& descriptor, MediaPacket& packet) {
  std::int64_t picture = 0;
  std::int64_t base = 0;
  if (descriptor.picture_id) {
    const auto out = pictures_.forward(picture_of(descriptor));
    if (!out) return false;
    picture = *out;
  }
  if (descriptor.tl0_picture_index) {
    const auto out = base_pictures_.forward(base_unwrapper_.unwrap(*descriptor.tl0_picture_index));
    if (!out) return false;
    base = *out;
  }
  descriptor.rewrite(packet.payload, static_cast<std::uint16_t>(picture & 0x7FFF),
                     static_cast<std::uint8_t>(base & 0xFF));
  return true;
}

void Consumer::forward(Instant now, MediaPacket& packet, const ProducerStream& source,
                       Outbox& out) {
  const bool is_red = takes_red(packet);
  const Bytes payload = payload_of(packet, is_red);
  if (!accepts(packet, payload)) {
    // Padding of the forwarded stream leaves no gap; packets of other streams have no numbers here.
    if (packet.stream == current_) leave_out(now, packet, out);
    return;
  }
  if (packet.stream != current_) switch_to(now, packet, source);
  const LayerVerdict verdict = judge(packet);
  if (verdict.closes_gap && packet.vp8->picture_id) pictures_.close_gap(picture_of(*packet.vp8));
  if (!verdict.forwards) return leave_out(now, packet, out);
  const auto sequence = sequences_.forward(packet.sequence);
  if (!sequence) return;
  if (!rewrite_payload(packet)) return send_filler(now, *sequence, packet, out);
  out_unwrapper_.unwrap(static_cast<std::uint16_t>(*sequence));

  extensions_.collect(packet.extensions);
  if (packet.dependencies) {
    extensions_.rewrite_dependencies(*packet.dependencies, frame_of(*packet.dependencies),
                                     verdict.active_decode_targets);
  }
  OutgoingRtp outgoing{
      .now = now,
      .header = {.payload_type = is_red ? options_.red_payload_type : options_.payload_type,
                 .marker = packet.header.marker || verdict.ends_picture,
                 .sequence = static_cast<std::uint16_t>(*sequence),
                 .timestamp = packet.header.timestamp + timestamp_offset_,
                 .ssrc = options_.ssrc},
      .sequence = static_cast<std::uint64_t>(*sequence),
      .payload = payload};
  extensions_.put_into(outgoing);
  if (transport_.send_rtp(outgoing, out)) note_sent(now, *sequence, packet, verdict, outgoing);
}

void Consumer::note_sent(Instant now, std::int64_t sequence, const MediaPacket& packet,
                         const LayerVerdict& verdict, const OutgoingRtp& outgoing) {
  if (packets_ == 0 || is_after(outgoing.header.timestamp, last_timestamp_)) {
    last_timestamp_ = outgoing.header.timestamp;
    last_sent_ = now;
  }
  if (packet.dependencies) {
    const std::uint16_t frame = frame_of(*packet.dependencies);
    const bool is_newer = static_cast<std::int16_t>(frame - newest_frame_) > 0;
    if (packets_ == 0 || is_newer) newest_frame_ = frame;
  }
  if (verdict.ends_picture || verdict.active_decode_targets) {
    (*decided_)[static_cast<std::size_t>(sequence) % decided_->size()] = {sequence, verdict};
  }
  ++packets_;
  octets_ += outgoing.payload.size();
  resend_credit_ = std::min(resend_credit_ + outgoing.payload.size(), kResendCreditMax);
  rate_.on_packet(now, outgoing.payload.size());
}

void Consumer::on_receiver_report(Instant now, const ReportBlock& block) {
  loss_ = block.fraction_lost / 256.0;
  const bool is_of_last = clock_ && block.last_sr != 0 && block.last_sr == compact_ntp(clock_->ntp);
  if (!is_of_last) return;
  // RFC 3550 section 6.4.1; a receiver that lies about its delay gets a time of nothing.
  const Duration delay{static_cast<std::int64_t>(block.delay_since_last_sr) * 1'000'000 / 65'536};
  rtt_ = std::max(now - clock_sent_ - delay, Duration{0});
}

void Consumer::forward_report(Instant now, const SenderReport& report, std::size_t stream,
                              Outbox& out) {
  if (stream != current_ || packets_ == 0) return;
  SenderReport own;
  own.ssrc = options_.ssrc;
  own.ntp = report.ntp;
  own.rtp_timestamp = report.rtp_timestamp + timestamp_offset_;
  own.packet_count = static_cast<std::uint32_t>(packets_);
  own.octet_count = static_cast<std::uint32_t>(octets_);
  clock_ = own;
  clock_sent_ = now;
  std::array<std::uint8_t, 512> buffer;
  ByteWriter writer(buffer);
  own.write(writer);
  Sdes::write(writer, options_.ssrc, options_.cname);
  if (writer.ok()) transport_.send_rtcp(writer.written(), out);
}

bool Consumer::resend(Instant now, std::uint16_t sequence, MediaCodec codec,
                      const RtpExtensionIds& source_extension_ids, const ProducerStream& source,
                      Outbox& out) {
  if (!options_.rtx_ssrc || packets_ == 0) return false;
  const std::int64_t number = out_unwrapper_.peek(sequence);
  Resent& last = resent_at_[static_cast<std::size_t>(number) % kResentMax];
  if (last.sequence == number && now - last.at < kResendInterval) return false;
  if (resend_credit_ == 0) {
    ++refused_;
    return false;
  }
  const auto sent = send_again(now, number, codec, source_extension_ids, source, out);
  if (!sent) return false;
  resend_credit_ -= std::min(*sent, resend_credit_);
  ++resent_;
  last = {number, now};
  return true;
}

std::int64_t Consumer::send_padding(Instant now, std::int64_t octets, MediaCodec codec,
                                    const RtpExtensionIds& source_extension_ids,
                                    const ProducerStream& source, Outbox& out) {
  if (!options_.rtx_ssrc || packets_ == 0) return 0;
  std::int64_t sent = 0;
  for (std::int64_t back = 0; back < kPaddingMax && sent < octets; ++back) {
    const auto size =
        send_again(now, sequences_.newest_out() - back, codec, source_extension_ids, source, out);
    if (size) sent += static_cast<std::int64_t>(*size);
  }
  return sent;
}

// On the retransmission stream, which there is. The octets of its payload, or nullopt when it
// cannot be sent.
std::optional<std::size_t> Consumer::send_again(Instant now, std::int64_t number, MediaCodec codec,
                                                const RtpExtensionIds& source_extension_ids,
                                                const ProducerStream& source, Outbox& out) {
  const auto origin = sequences_.source_of(number);
  const auto datagram = origin ? source.cached(now, *origin) : std::nullopt;
  const auto view = datagram ? RtpView::parse(*datagram) : std::unexpected(RtpError::TooShort);
  if (!view) return std::nullopt;
  std::array<std::uint8_t, PacketCache::kPacketMax + kRtxPrefix> buffer;
  ByteWriter writer(buffer);
  writer.u16(static_cast<std::uint16_t>(number));
  const MutableBytes payload = writer.reserve(view->payload.size());
  std::ranges::copy(view->payload, payload.begin());
  MediaPacket packet{.header = view->header, .sequence = *origin, .payload = payload};
  if (!inspect_payload(codec, packet) || !rewrite_payload(packet)) return std::nullopt;

  const auto values =
      RtpExtensionValues::read(view->extension_profile, view->extension, source_extension_ids);
  const LayerVerdict verdict = decided_of(number);
  extensions_.collect(&values);
  const auto& data = values[RtpExtension::DependencyDescriptor];
  if (data && options_.extension_ids.id_of(RtpExtension::DependencyDescriptor) != 0) {
    const auto descriptor = DependencyDescriptor::parse(*data, source.dependency_structure().get());
    if (descriptor) {
      extensions_.rewrite_dependencies(*descriptor, frame_of(*descriptor),
                                       verdict.active_decode_targets);
    }
  }
  OutgoingRtp outgoing;
  extensions_.put_into(outgoing);
  outgoing.now = now;
  outgoing.header = {.payload_type = options_.rtx_payload_type,
                     .marker = view->header.marker || verdict.ends_picture,
                     .sequence = static_cast<std::uint16_t>(rtx_sequence_),
                     .timestamp = view->header.timestamp + timestamp_offset_,
                     .ssrc = *options_.rtx_ssrc};
  outgoing.sequence = rtx_sequence_;
  outgoing.payload = writer.written();
  if (!transport_.send_rtp(outgoing, out)) return std::nullopt;
  ++rtx_sequence_;
  return view->payload.size();
}

}  // namespace rtc
