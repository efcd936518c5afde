// Two browsers that have finished their handshakes with an engine: what they send is authentic, and
// otherwise whatever the input says. Each step is an octet and what belongs to it: media of any
// codec, with or without rids, feedback that lies, producers, consumers and a pipe to a second
// engine that open and close meanwhile, and time that passes.
#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "heap_budget.hpp"
#include "rtc/testing/datagrams.hpp"
#include "rtc/transport/media_engine.hpp"
#include "tests/transport/browser.hpp"

namespace {

using fuzz::require;
using rtc::testing::Browser;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kStepsMax = 400;
constexpr std::size_t kProducersMax = 6;
constexpr std::size_t kConsumersMax = 12;
constexpr std::size_t kBatchMax = 64;  // datagrams
constexpr std::size_t kOutMax = 1024;  // datagrams of one step
// What engines, browsers and packets that are kept for retransmission may hold. Most of it is
// ahead of all input: outboxes, and the packets of kProducersMax producers with three streams.
constexpr std::size_t kHeldMax = 64 * 1024 * 1024;

constexpr std::uint8_t kMidId = 1;
constexpr std::uint8_t kRidId = 2;
constexpr std::uint8_t kRepairedRidId = 3;
constexpr std::array kCodecs{rtc::MediaCodec::Opaque, rtc::MediaCodec::Vp8, rtc::MediaCodec::Vp9,
                             rtc::MediaCodec::H264, rtc::MediaCodec::Av1};

rtc::Path path(std::uint16_t port) {
  return {.remote = {*IpAddress::parse("198.51.100.1"), port},
          .local = *IpAddress::parse("192.0.2.1")};
}

rtc::RtpExtensionIds extension_ids() {
  rtc::RtpExtensionIds ids;
  ids.set(rtc::RtpExtension::Mid, kMidId);
  ids.set(rtc::RtpExtension::RtpStreamId, kRidId);
  ids.set(rtc::RtpExtension::RepairedRtpStreamId, kRepairedRidId);
  ids.set(rtc::RtpExtension::AbsSendTime, 4);
  ids.set(rtc::RtpExtension::TransportSequence, 5);
  ids.set(rtc::RtpExtension::AudioLevel, 6);
  ids.set(rtc::RtpExtension::DependencyDescriptor, 13);
  return ids;
}

const rtc::DtlsIdentity& identity() {
  static const rtc::DtlsIdentity fixed(1'800'000'000);
  return fixed;
}

class World {
 public:
  World() : sender_(connect(1)), receiver_(connect(2)), room_(engine_.open_room()) {
    require(open_producer(0x01));  // VP8 in three encodings by rid
    consume(0);
    heap_.require_at_most(kHeldMax);
  }

  void step(ByteReader& in) {
    const std::uint8_t what = in.u8();
    const std::uint8_t how = in.u8();
    act(what % 16, how, in);
    settle();
    heap_.require_at_most(kHeldMax);
  }

 private:
  struct Peer {
    rtc::TransportId id;
    std::unique_ptr<Browser> browser;
  };
  struct Sent {
    rtc::ProducerId id;
    std::uint8_t payload_type;
    std::uint32_t ssrc;  // of the first stream, the others follow; 0: by rid
    std::uint16_t sequence = 1;
    std::uint32_t timestamp = 0;
  };

  Peer connect(std::uint16_t port) {
    const auto credentials = rtc::IceCredentials::generate(random_);
    const auto id = engine_.open_web_rtc(now_, credentials, identity());
    require(id.has_value());
    auto browser = std::make_unique<Browser>(path(port), credentials, port);
    browser->connect(now_, engine_, *id, out_, identity().fingerprint(rtc::DtlsHash::Sha256));
    require(engine_.web_rtc(*id)->state() == rtc::WebRtcTransport::State::Connected);
    return {*id, std::move(browser)};
  }

  // Bits of `how`: codec, then how its streams are told apart, then audio.
  bool open_producer(std::uint8_t how) {
    if (producers_.size() == kProducersMax) return false;
    const std::uint32_t base = 1000 + 100 * ++opened_;
    const auto payload_type = static_cast<std::uint8_t>(96 + 2 * (opened_ % 12));
    const bool is_audio = how % 8 >= kCodecs.size();
    const bool has_rids = (how & 0x08U) == 0;
    rtc::Producer::Options options{
        .kind = is_audio ? rtc::MediaKind::Audio : rtc::MediaKind::Video,
        .codec = is_audio ? rtc::MediaCodec::Opaque : kCodecs[how % 8],
        .payload_type = payload_type,
        .rtx_payload_type = static_cast<std::uint8_t>(is_audio ? 0 : payload_type + 1),
        .red_payload_type = static_cast<std::uint8_t>(is_audio ? 63 : 0),
        .mid = std::to_string(opened_ % 10),
        .extension_ids = extension_ids(),
        .streams = {}};
    for (std::uint32_t i = 0; i < (is_audio || (how & 0x10U) != 0 ? 1U : 3U); ++i) {
      rtc::ProducerStream::Options stream;
      stream.kind = options.kind;
      if (has_rids && !is_audio) {
        stream.rid = std::string{'r', static_cast<char>('0' + i)};
      } else {
        stream.ssrc = base + i;
        if (!is_audio) stream.rtx_ssrc = base + 50 + i;
      }
      options.streams.push_back(stream);
    }
    const auto id =
        engine_.produce(sender_.id, options, is_audio ? std::optional(room_) : std::nullopt);
    if (!id) return false;
    producers_.push_back({*id, payload_type, has_rids && !is_audio ? 0 : base});
    return true;
  }
  void consume(std::size_t producer) {
    if (producers_.empty() || consumers_.size() == kConsumersMax) return;
    const Sent& from = producers_[producer % producers_.size()];
    rtc::Consumer::Options options;
    options.ssrc = 50'000 + 10 * ++opened_;
    options.rtx_ssrc = options.ssrc + 1;
    options.payload_type = 96;
    options.rtx_payload_type = 97;
    const rtc::Producer* there = engine_.producer(from.id);
    if (there == nullptr) return;
    options.kind = there->options().kind;
    options.codec = there->options().codec;
    options.extension_ids = extension_ids();
    if (const auto id = engine_.consume(receiver_.id, from.id, options)) {
      consumers_.push_back({*id, options.ssrc});
    }
  }

  void act(unsigned what, std::uint8_t how, ByteReader& in) {
    // As a worker does: commands and timers come between two batches.
    const bool is_datagram = what <= 6;
    if (!is_datagram) end_batch();
    switch (what) {
      case 0:
      case 1:
      case 2:
        return send_media(how, in);
      case 3:
        return send_raw_media(in);
      case 4:
      case 5:
        return send_feedback(receiver_, how, in);
      case 6:
        return send_feedback(sender_, how, in);
      case 7:
        return pass(std::chrono::milliseconds{how * 4});
      case 8:
        (void)open_producer(how);
        return;
      case 9:
        return consume(how);
      case 10:
        return close_something(how);
      case 11:
        return change_consumer(how);
      case 12:
        if (!producers_.empty()) {
          engine_.set_producer_paused(producers_[how / 2 % producers_.size()].id, how % 2 != 0);
        }
        return;
      case 13:
        return pipe(how);
      case 14:
        if ((how & 1U) == 0) return;
        is_batch_ = true;
        return engine_.begin_batch();
      default:
        return reconnect(how);
    }
  }

  // Mostly what a browser would send; the payload is the input's.
  void send_media(std::uint8_t how, ByteReader& in) {
    if (producers_.empty()) return;
    Sent& from = producers_[how % producers_.size()];
    const std::uint8_t more = in.u8();
    const std::size_t size = in.u16() % 1200U;
    const Bytes payload = in.take(std::min(size, in.remaining()));
    const std::uint32_t stream = more % 4;
    const bool is_rtx = (more & 0x04U) != 0;
    from.sequence = static_cast<std::uint16_t>(from.sequence + ((more & 0x08U) != 0 ? how : 1));
    if ((more & 0x10U) == 0) from.timestamp += 3000;
    const std::uint32_t base = from.ssrc != 0 ? from.ssrc : 5000 + 100 * from.payload_type;
    const rtc::RtpHeader header{
        .payload_type = static_cast<std::uint8_t>(from.payload_type + (is_rtx ? 1 : 0)),
        .marker = (more & 0x20U) != 0,
        .sequence = from.sequence,
        .timestamp = from.timestamp,
        .ssrc = base + stream + (is_rtx ? 50 : 0)};
    const std::string rid{'r', static_cast<char>('0' + stream)};
    const std::string mid = std::to_string(how % 10);
    const std::array<std::uint8_t, 1> level{more};
    const std::array<std::uint8_t, 2> number{static_cast<std::uint8_t>(number_ >> 8),
                                             static_cast<std::uint8_t>(number_)};
    ++number_;
    std::vector<rtc::RtpExtensionElement> extensions{{5, number}, {6, level}};
    if (from.ssrc == 0) extensions.push_back({is_rtx ? kRepairedRidId : kRidId, bytes_of(rid)});
    if ((more & 0x40U) != 0) extensions.push_back({kMidId, bytes_of(mid)});
    const Bytes descriptor = payload.first(std::min<std::size_t>(payload.size(), how % 32));
    if ((more & 0x80U) != 0 && !descriptor.empty()) extensions.push_back({13, descriptor});
    send(sender_, sender_.browser->protect_rtp(header, extensions, payload));
  }
  void send_raw_media(ByteReader& in) {
    const std::size_t size = in.u16() % 300U;
    const Bytes taken = in.take(std::min(size, in.remaining()));
    if (taken.size() < 12) return;
    Octets head(taken.begin(), taken.end());
    head[0] = static_cast<std::uint8_t>(0x80U | (head[0] & 0x2FU));  // no contributors that are cut
    head[0] &= 0xE0U;
    const std::uint16_t sequence = ByteReader(Bytes(head).subspan(2)).u16();
    send(sender_, sender_.browser->protect_rtp(std::move(head), {}, sequence));
  }
  // A packet of RTCP with a sound header; bit 0x80 of `how`: of one of our streams.
  void send_feedback(Peer& peer, std::uint8_t how, ByteReader& in) {
    static constexpr std::array<std::array<std::uint8_t, 2>, 10> kKinds{{{1, 205},
                                                                         {15, 205},
                                                                         {1, 206},
                                                                         {15, 206},
                                                                         {4, 206},
                                                                         {1, 201},
                                                                         {1, 200},
                                                                         {1, 202},
                                                                         {1, 203},
                                                                         {0, 207}}};
    const auto [format, type] = kKinds[how % kKinds.size()];
    const std::size_t size = in.u8();
    const Bytes body = in.take(std::min(size, in.remaining()));
    Octets packet{static_cast<std::uint8_t>(0x80U | format), type, 0, 0};
    if ((how & 0x80U) != 0) {
      const std::uint32_t ssrc = &peer == &sender_ || consumers_.empty()
                                     ? (producers_.empty() ? 1 : producers_.front().ssrc)
                                     : consumers_[how % consumers_.size()].second;
      for (const std::uint32_t number : {type == 201 ? ssrc : 1U, ssrc}) {
        for (int shift = 24; shift >= 0; shift -= 8) {
          packet.push_back(static_cast<std::uint8_t>(number >> shift));
        }
      }
    }
    packet.insert(packet.end(), body.begin(), body.end());
    packet.resize(std::max<std::size_t>(8, (packet.size() + 3) / 4 * 4));
    packet[3] = static_cast<std::uint8_t>(packet.size() / 4 - 1);
    send(peer, peer.browser->protect_rtcp(std::move(packet)));
  }
  void send(Peer& peer, Octets datagram) {
    batch_.push_back(std::move(datagram));  // media waits where it lies
    engine_.handle_datagram(now_, peer.browser->path(), batch_.back(), out_);
    if (!is_batch_ || batch_.size() == kBatchMax) end_batch();
  }
  void end_batch() {
    if (std::exchange(is_batch_, false)) engine_.end_batch(now_, out_);
    batch_.clear();
  }

  void close_something(std::uint8_t how) {
    if ((how & 1U) != 0 && !producers_.empty()) {
      const std::size_t which = how / 2 % producers_.size();
      engine_.close_producer(producers_[which].id);
      producers_.erase(producers_.begin() + static_cast<std::ptrdiff_t>(which));
    } else if (!consumers_.empty()) {
      const std::size_t which = how / 2 % consumers_.size();
      engine_.close_consumer(consumers_[which].first);  // which may have gone with its producer
      consumers_.erase(consumers_.begin() + static_cast<std::ptrdiff_t>(which));
    }
  }
  void change_consumer(std::uint8_t how) {
    if (consumers_.empty()) return;
    const rtc::ConsumerId id = consumers_[how % consumers_.size()].first;
    if ((how & 0x80U) != 0) return engine_.set_paused(now_, id, (how & 0x40U) != 0);
    if ((how & 0x40U) != 0) return engine_.request_key_frame(id);
    engine_.prefer_layers(now_, id, {.spatial = how / 16U % 4U, .temporal = how % 4U});
  }
  // To a second engine, where nobody receives; its wishes come from the input.
  void pipe(std::uint8_t how) {
    if (pipe_ && (how & 1U) != 0) {
      engine_.close_pipe(*pipe_);
      other_.close_producer(piped_);
      pipe_.reset();
    } else if (pipe_) {
      engine_.set_wanted(*pipe_, how / 2U % 5U);
    } else if (!producers_.empty()) {
      const rtc::Producer* from = engine_.producer(producers_[how % producers_.size()].id);
      rtc::Producer::Options options = from->options();
      options.room = nullptr;
      options.rtx_payload_type = 0;
      std::vector<std::uint32_t> ssrcs;
      for (auto& stream : options.streams) {
        ssrcs.push_back(70'000 + ++opened_);
        stream.ssrc = ssrcs.back();
        stream.rtx_ssrc.reset();
      }
      const auto there = other_.produce(other_.open_pipe(0), options);
      require(there.has_value());
      piped_ = *there;
      pipe_ = engine_.pipe(producers_[how % producers_.size()].id, engine_.open_pipe(1), ssrcs);
      if (!pipe_) return other_.close_producer(piped_);
      engine_.set_wanted(*pipe_, how / 8U % 5U);
    }
  }
  // A transport goes with all it carries, in the middle of it; another takes its place.
  void reconnect(std::uint8_t how) {
    if (how > 8 || reconnected_ == 2) return;  // a handshake costs the time of a thousand steps
    ++reconnected_;
    Peer& peer = (how & 1U) != 0 ? sender_ : receiver_;
    engine_.close_transport(peer.id, out_);
    if (&peer == &sender_) producers_.clear();
    consumers_.clear();
    settle();
    peer = connect(static_cast<std::uint16_t>(10 + reconnected_));
  }
  void pass(Duration time) {
    now_ = now_ + time;
    engine_.handle_timeout(now_, out_);
    other_.handle_timeout(now_, other_out_);
  }

  void settle() {
    require(out_.count() <= kOutMax);
    std::vector<Octets> piped;
    for (const auto& slot : rtc::testing::datagrams_in(out_)) {
      if (slot.path.is_pipe()) piped.emplace_back(slot.octets.begin(), slot.octets.end());
    }
    receiver_.browser->look(now_, out_);
    sender_.browser->take(now_, out_);
    for (Octets& datagram : piped) {
      other_.handle_datagram(now_, rtc::Path::pipe(0), datagram, other_out_);
    }
    for (const auto& slot : rtc::testing::datagrams_in(other_out_)) {
      if (!slot.path.is_pipe()) continue;
      Octets datagram(slot.octets.begin(), slot.octets.end());
      engine_.handle_datagram(now_, rtc::Path::pipe(1), datagram, out_);
    }
    out_.clear();
    other_out_.clear();
    receiver_.browser->take_rtp();
    receiver_.browser->take_rtcp();
    sender_.browser->take_rtp();
    sender_.browser->take_rtcp();
    while (engine_.poll_event()) continue;
    while (other_.poll_event()) continue;
    require(engine_.producer_count() <= kProducersMax);
    require(engine_.consumer_count() <= kConsumersMax);
  }

  fuzz::HeapBudget heap_;
  Instant now_ = Instant::at(std::chrono::seconds{1});
  SeededRandom random_{7};
  rtc::MediaEngine engine_{now_};
  rtc::MediaEngine other_{now_};
  rtc::Outbox out_{kOutMax};
  rtc::Outbox other_out_{256};
  Peer sender_;
  Peer receiver_;
  rtc::RoomId room_;
  bool is_batch_ = false;
  std::deque<Octets> batch_;
  std::uint32_t opened_ = 0;
  std::uint32_t number_ = 0;  // transport-wide
  unsigned reconnected_ = 0;
  std::vector<Sent> producers_;
  std::vector<std::pair<rtc::ConsumerId, std::uint32_t>> consumers_;  // with the SSRC
  std::optional<rtc::PipeId> pipe_;
  rtc::ProducerId piped_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  ByteReader in(Bytes(data, size));
  for (std::size_t i = 0; i < kStepsMax && in.remaining() > 0; ++i) world.step(in);
  return 0;
}
