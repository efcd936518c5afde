#include "rtc/forward/producer_stream.hpp"

#include <algorithm>

#include "rtc/payload/h264_payload.hpp"

namespace rtc {

namespace {

constexpr std::int64_t kWindowOffset = std::int64_t{1} << 32;

}  // namespace

bool inspect_payload(MediaCodec codec, MediaPacket& packet) {
  switch (codec) {
    case MediaCodec::Opaque:
      packet.is_key_frame = true;  // nothing is known against beginning here
      return true;
    case MediaCodec::Vp8:
      packet.vp8 = Vp8Descriptor::parse(packet.payload);
      packet.is_key_frame = packet.vp8 && packet.vp8->is_key_frame;
      return packet.vp8.has_value();
    case MediaCodec::Vp9:
      packet.vp9 = Vp9Descriptor::parse(packet.payload);
      packet.is_key_frame = packet.vp9 && packet.vp9->is_key_frame();
      return packet.vp9.has_value();
    case MediaCodec::Av1:
      // N of the aggregation header: a coded video sequence begins (AV1 RTP payload format 4.4).
      packet.is_key_frame = (packet.payload[0] & 0x08U) != 0;
      return true;
    case MediaCodec::H264: {
      const auto h264 = H264Payload::parse(packet.payload);
      packet.is_key_frame = h264 && h264->is_key_frame();
      return h264.has_value();
    }
  }
  return false;
}

std::size_t MediaPacket::spatial_layer() const {
  if (vp9 && vp9->has_layers) return vp9->spatial_layer;
  return dependencies == nullptr ? 0 : dependencies->frame.spatial_layer;
}

std::size_t MediaPacket::temporal_layer() const {
  if (vp8) return vp8->temporal_layer.value_or(0);
  if (vp9 && vp9->has_layers) return vp9->temporal_layer;
  return dependencies == nullptr ? 0 : dependencies->frame.temporal_layer;
}

ProducerStream::ProducerStream(const Options& options)
    : options_(options), statistics_(options.ssrc.value_or(0), options.clock_rate) {}

void ProducerStream::learn_ssrc(std::uint32_t ssrc) {
  options_.ssrc = ssrc;
  statistics_ = ReceiveStatistics(ssrc, options_.clock_rate);
}

std::optional<std::int64_t> ProducerStream::receive(Instant now, const MediaPacket& packet,
                                                    Bytes datagram) {
  const RtpHeader& header = packet.header;
  const std::int64_t sequence = unwrapper_.unwrap(header.sequence);
  // Reordering at the very start makes numbers negative, which the window does not know.
  const auto index = static_cast<std::uint64_t>(sequence + kWindowOffset);
  if (!seen_.is_new(index)) return std::nullopt;
  seen_.mark(index);
  if (is_silent(now)) nack_.forget();  // what was missing before is too late to be shown
  heard_at_ = now;
  silent_tries_ = 0;
  statistics_.on_packet(now, sequence, header.timestamp, datagram.size());
  const std::size_t layer = std::min(packet.spatial_layer(), kSpatialLayersMax - 1);
  layer_count_ = std::max(layer_count_, layer + 1);
  highest_temporal_ =
      std::max(highest_temporal_, static_cast<std::uint8_t>(packet.temporal_layer()));
  rates_[layer].on_packet(now, datagram.size());
  if (options_.uses_nack) nack_.on_packet(now, sequence);
  if (cache_) cache_->store(now, sequence, datagram);
  return sequence;
}

void ProducerStream::read_dependencies(const RtpExtensionValues& extensions,
                                       DependencyDescriptor& dependencies, MediaPacket& packet) {
  const auto& data = extensions[RtpExtension::DependencyDescriptor];
  if (!data) return;
  auto parsed = DependencyDescriptor::parse(*data, structure_.get());
  if (!parsed) return;
  dependencies = std::move(*parsed);
  packet.brings_structure = dependencies.structure != nullptr;
  if (packet.brings_structure) structure_ = std::move(dependencies.structure);
  packet.dependencies = &dependencies;
  packet.structure = structure_.get();
}

std::optional<ReportBlock> ProducerStream::report(Instant now) {
  const auto block = statistics_.report(now);
  if (block) loss_ = block->fraction_lost / 256.0;
  return block;
}

DataRate ProducerStream::layer_rate(Instant now, std::size_t spatial) {
  if (spatial >= layer_count_ || rates_[spatial].rate(now) == DataRate()) return {};
  DataRate sum;
  for (std::size_t layer = 0; layer <= spatial; ++layer) sum = sum + rates_[layer].rate(now);
  return sum;
}

void ProducerStream::on_sender_report(Instant now, const SenderReport& report) {
  statistics_.on_sender_report(now, report.ntp);
  last_report_ = report;
}

bool ProducerStream::poll_key_frame_request(Instant now) {
  const bool has_gaps = nack_.poll_key_frame_wanted() && options_.kind == MediaKind::Video;
  if (has_gaps && !is_silent(now)) key_frame_wanted_ = true;
  if (!key_frame_wanted_ || now < key_frame_allowed_ || !may_ask(now)) return false;
  // The wish stands until a key frame comes: a lost request is repeated.
  ++silent_tries_;
  key_frame_allowed_ = now + kKeyFrameInterval;
  return true;
}

std::span<const std::int64_t> ProducerStream::poll_nack(Instant now,
                                                        std::span<std::int64_t> sequences) {
  if (is_silent(now)) nack_.forget();
  return nack_.poll_nack(now, sequences);
}

Instant ProducerStream::next_timeout() const {
  const bool will_ask = key_frame_wanted_ && may_ask(key_frame_allowed_);
  return std::min(nack_.next_timeout(), will_ask ? key_frame_allowed_ : Instant::never());
}

void ProducerStream::keep_packets() {
  const bool is_new = options_.kind == MediaKind::Video && cache_ == nullptr;
  if (is_new) cache_ = std::make_unique<PacketCache>();
}

std::optional<Bytes> ProducerStream::cached(Instant now, std::int64_t sequence) const {
  return cache_ ? cache_->find(now, sequence) : std::nullopt;
}

}  // namespace rtc
