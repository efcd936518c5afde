// What comes to the engine: datagrams and the passing of time.
#include <algorithm>
#include <utility>

#include "rtc/rtcp/extended_report.hpp"
#include "rtc/rtcp/fir.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/receiver_report.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "rtc/transport/find.hpp"
#include "rtc/transport/media_engine.hpp"

namespace rtc {

// The ranges of the first octet are those of RFC 7983 section 7.
bool MediaEngine::handle_datagram(Instant now, const Path& from, MutableBytes datagram,
                                  Outbox& out) {
  ++received_;
  if (looks_like_rtp_or_rtcp(datagram)) {
    handle_media(now, from, datagram, out);
  } else if (looks_like_stun(datagram)) {
    return handle_stun(now, from, datagram, out);
  } else if (looks_like_dtls(datagram)) {
    handle_dtls(now, from, datagram, out);
  } else {
    drop(MediaDrop::NotMedia);
  }
  return true;
}

// While one transport is reached over a path, no other may take it: whoever forges addresses would
// take their media.
bool MediaEngine::is_of_another(Instant now, const TimedEntry& timed, const Path& path) {
  const TimedEntry* const found = by_path_.find(path);
  if (found == nullptr || found == &timed) return false;
  const Entry& other = found->read();
  return other.web_rtc == nullptr || other.web_rtc->ice().is_validated(now, path);
}

bool MediaEngine::handle_stun(Instant now, const Path& from, Bytes datagram, Outbox& out) {
  const auto message = StunView::parse(datagram);
  if (message && message->message_class == StunClass::Error) {
    return handle_check_answer(from, *message, out);
  }
  const auto fragment = message ? local_username_fragment(*message) : std::nullopt;
  if (!fragment) return false;
  TimedEntry* const* const found = find(by_username_fragment_, *fragment);
  if (found == nullptr) return false;
  TimedEntry& timed = **found;
  const auto entry = timed.change();
  if (is_of_another(now, timed, from) || !entry->web_rtc->handle_check(now, *message, from, out)) {
    drop(MediaDrop::BadCheck);
    return true;
  }
  entry->told_of_loss = false;
  entry->is_lost = false;
  if (entry->web_rtc->ice().is_validated(now, from)) add_path(now, timed, from);
  follow(*entry);
  return true;
}

bool MediaEngine::handle_check_answer(const Path& from, const StunView& answer, Outbox& out) {
  TimedEntry* const found = by_path_.find(from);
  if (found == nullptr || found->read().web_rtc == nullptr) return false;
  const auto entry = found->change();
  if (entry->web_rtc->handle_check_answer(answer, from, out)) {
    follow(*entry);
  } else {
    drop(MediaDrop::BadCheck);
  }
  return true;
}

void MediaEngine::handle_dtls(Instant now, const Path& from, Bytes datagram, Outbox& out) {
  TimedEntry* const found = by_path_.find(from);
  const bool is_ours = found != nullptr && found->read().web_rtc != nullptr &&
                       found->read().web_rtc->ice().is_validated(now, from);
  if (!is_ours) return drop(MediaDrop::UnknownSender);
  const auto entry = found->change();
  if (!entry->input_dtls.take(now, 1)) return drop(MediaDrop::OverBudget);
  entry->web_rtc->handle_dtls(now, from, datagram, out);
  follow(*entry);
}

// Tells signalling of a new state.
void MediaEngine::follow(Entry& entry) {
  const WebRtcTransport& transport = *entry.web_rtc;
  note_connection(entry);
  if (transport.state() == entry.told) return;
  entry.told = transport.state();
  events_.emplace_back(TransportChanged{entry.id, entry.told});
}

// What is to go out begins, or begins anew, as soon as there is a way.
void MediaEngine::note_connection(Entry& entry) {
  const bool is_connected = entry.transport->is_connected();
  if (std::exchange(entry.was_connected, is_connected) || !is_connected) return;
  for (const auto& [ssrc, sink] : entry.sinks) {
    sink.consumer->interrupt();
    if (sink.consumer->wanted_key_frame()) request_key_frame(sink.id);
  }
}

// Whose datagram it is: by its address, or else the transport that has none yet and expects its
// SSRC.
MediaEngine::TimedEntry* MediaEngine::find_sender(const Path& from, Bytes datagram, bool is_media) {
  if (TimedEntry* const known = by_path_.find(from)) return known;
  if (!is_media || datagram.size() < kRtpHeaderSize) return nullptr;
  const std::uint32_t ssrc = ByteReader(datagram.subspan(8)).u32();
  const auto expecting = std::ranges::find_if(
      learning_, [&](const TimedEntry* one) { return one->read().sources.contains(ssrc); });
  return expecting == learning_.end() ? nullptr : *expecting;
}

bool MediaEngine::is_within_budget(Instant now, Entry& entry, std::size_t octets) {
  const auto size = static_cast<std::int64_t>(octets);
  return entry.input_octets.has(now, size) && entry.input_packets.take(now, 1) &&
         entry.input_octets.take(now, size);
}

void MediaEngine::handle_media(Instant now, const Path& from, MutableBytes datagram, Outbox& out) {
  const bool is_media = is_rtp(datagram);
  TimedEntry* const found = find_sender(from, datagram, is_media);
  if (found == nullptr) return drop(MediaDrop::UnknownSender);
  const auto entry = found->change();
  const bool is_ours = entry->web_rtc == nullptr || entry->web_rtc->ice().is_validated(now, from);
  if (!is_ours) return drop(MediaDrop::UnknownSender);
  if (entry->web_rtc != nullptr && !is_within_budget(now, *entry, datagram.size())) {
    return drop(MediaDrop::OverBudget);
  }
  const auto opened =
      is_media ? entry->transport->open_rtp(datagram) : entry->transport->open_rtcp(datagram);
  if (!opened) return drop(MediaDrop::NotAuthentic);
  if (entry->plain != nullptr && !entry->plain->path()) {
    entry->plain->learn(from);
    add_path(now, *found, from);
    std::erase(learning_, found);
    note_connection(*entry);
  }
  if (is_media) {
    handle_rtp(now, *entry, *opened, out);
  } else {
    handle_rtcp(now, *entry, *opened, out);
  }
}

const MediaEngine::Source* MediaEngine::find_source(Entry& entry, const RtpView& view) {
  if (const Source* const known = find(entry.sources, view.header.ssrc)) return known;
  for (const auto& [producer, room] : entry.producers) {
    const auto extensions = RtpExtensionValues::read(view.extension_profile, view.extension,
                                                     producer->read().options().extension_ids);
    const auto learned = producer->change()->learn(view.header, extensions);
    if (!learned) continue;
    Source& source = entry.sources[view.header.ssrc];
    source = {
        .producer = producer, .room = room, .stream = learned->stream, .is_rtx = learned->is_rtx};
    return &source;
  }
  return nullptr;
}

void MediaEngine::handle_rtp(Instant now, Entry& entry, MutableBytes datagram, Outbox& out) {
  const auto view = RtpView::parse(datagram);
  if (!view) return drop(MediaDrop::Malformed);
  const Source* const source = find_source(entry, *view);
  if (source == nullptr) return drop(MediaDrop::UnknownSsrc);
  const Producer& producer = source->producer->read();
  const auto extensions = RtpExtensionValues::read(view->extension_profile, view->extension,
                                                   producer.options().extension_ids);
  note_arrival(now, entry, extensions, view->header.ssrc);
  const bool waited = producer.waiting() > 0;
  switch (take(now, *source, *view, extensions, datagram, out)) {
    case Producer::Drop::None:
      break;
    case Producer::Drop::WrongPayloadType:
      return drop(MediaDrop::WrongPayloadType);
    case Producer::Drop::Malformed:
      return drop(MediaDrop::Malformed);
    case Producer::Drop::Duplicate:
      return drop(MediaDrop::Duplicate);
  }
  if (!waited && producer.waiting() > 0) waiting_.push_back(source->producer);
  waiting_copies_ += producer.consumers().size();
  const bool is_full =
      producer.waiting() == Producer::kWaitingMax || waiting_copies_ >= kWaitingMax;
  if (!is_batch_ || is_full) flush_waiting(now, out);
}

// The producer tells its room of the voice.
Producer::Drop MediaEngine::take(Instant now, const Source& source, const RtpView& view,
                                 const RtpExtensionValues& extensions, MutableBytes datagram,
                                 Outbox& out) {
  std::optional<TimedRoom::Change> room;
  if (source.room != nullptr) room.emplace(*source.room);
  const auto producer = source.producer->change();
  return source.is_rtx ? producer->handle_rtx(now, source.stream, view, datagram, out)
                       : producer->handle_rtp(now, source.stream, view, extensions, datagram, out);
}

void MediaEngine::flush_waiting(Instant now, Outbox& out) {
  for (TimedProducer* const producer : waiting_) producer->change()->flush(now, out);
  waiting_.clear();
  waiting_copies_ = 0;
}

void MediaEngine::end_batch(Instant now, Outbox& out) {
  is_batch_ = false;
  flush_waiting(now, out);
}

void MediaEngine::note_arrival(Instant now, Entry& entry, const RtpExtensionValues& extensions,
                               std::uint32_t ssrc) {
  const auto& data = extensions[RtpExtension::TransportSequence];
  const auto sequence = data ? parse_transport_sequence(*data) : std::nullopt;
  if (!sequence) return;
  if (!entry.arrivals) entry.arrivals.emplace(TransportFeedbackRecorder::Options{});
  entry.arrivals->on_packet(now, *sequence, ssrc);
}

void MediaEngine::send_arrivals(Instant now, Entry& entry, Outbox& out) {
  std::array<std::uint8_t, TransportFeedbackBuilder::kSizeMax> buffer;
  for (;;) {
    const Bytes report = entry.arrivals->poll_feedback(now, buffer);
    if (report.empty()) return;
    entry.transport->send_rtcp(report, out);
  }
}

// Reports have their own pace, and each compound brings them anew; what asks for something has a
// budget.
bool MediaEngine::may_say(Instant now, Entry& entry, const RtcpPacket& packet) {
  const bool asks = packet.is(RtcpType::TransportFeedback) ||
                    packet.is(RtcpType::PayloadFeedback) || packet.is(RtcpType::ExtendedReport);
  if (!asks || entry.web_rtc == nullptr) return true;
  const auto size = static_cast<std::int64_t>(kRtcpHeaderSize + packet.body.size());
  return entry.feedback.take(now, size, entry.web_rtc->octets_sent());
}

void MediaEngine::handle_rtcp(Instant now, Entry& entry, Bytes datagram, Outbox& out) {
  RtcpReader reader(datagram);
  std::size_t resend_budget = kResentMax;
  bool has_told_time = false;  // once a datagram
  while (const auto packet = reader.next()) {
    if (!may_say(now, entry, *packet)) {
      drop(MediaDrop::FeedbackOverBudget);
    } else if (const auto report = SenderReport::parse(*packet)) {
      note_reports(now, entry, report->reports);
      const Source* const source = find(entry.sources, report->ssrc);
      if (source != nullptr && !source->is_rtx) {
        source->producer->change()->handle_sender_report(now, source->stream, *report, out);
      }
    } else if (const auto received = ReceiverReport::parse(*packet)) {
      note_reports(now, entry, received->reports);
    } else if (const auto pli = Pli::parse(*packet)) {
      handle_picture_loss(now, entry, pli->media_ssrc);
    } else if (const auto fir = Fir::parse(*packet)) {
      fir->for_each(
          [&](std::uint32_t ssrc, std::uint8_t) { handle_picture_loss(now, entry, ssrc); });
    } else if (const auto extended = ExtendedReport::parse(*packet)) {
      if (!std::exchange(has_told_time, true)) answer_time(entry, *extended, out);
    } else if (packet->is(RtcpType::TransportFeedback, kNackFormat)) {
      handle_nack(now, entry, *packet, resend_budget, out);
    } else {
      handle_feedback(now, entry, *packet);
    }
  }
  if (!reader.ok()) drop(MediaDrop::Malformed);
}

// A receiver that sends no reports of its own measures its round trip by this (RFC 3611 section
// 4.5). The answer goes at once: there is no delay to tell.
void MediaEngine::answer_time(Entry& entry, const ExtendedReport& report, Outbox& out) {
  if (!report.reference_ntp) return;
  std::array<std::uint8_t, 64> buffer;
  ByteWriter writer(buffer);
  ExtendedReport::write_dlrr(
      writer, 1, {.ssrc = report.ssrc, .last_rr = compact_ntp(*report.reference_ntp), .delay = 0});
  entry.transport->send_rtcp(writer.written(), out);
}

void MediaEngine::note_reports(Instant now, Entry& entry, const ReportBlocks& reports) {
  for (const ReportBlock& block : reports.all()) {
    if (const Sink* const sink = find(entry.sinks, block.ssrc)) {
      sink->consumer->on_receiver_report(now, block);
    }
  }
}

void MediaEngine::handle_nack(Instant now, Entry& entry, const RtcpPacket& packet,
                              std::size_t& budget, Outbox& out) {
  const auto nack = Nack::parse(packet);
  if (nack && entry.is_pipe) return resend_to_pipe(now, entry, *nack, budget, out);
  Sink* const sink = nack ? find(entry.sinks, nack->media_ssrc) : nullptr;
  if (sink == nullptr || !sink->consumer->current()) return;
  const Producer& producer = sink->producer->read();
  const ProducerStream& source = producer.stream(*sink->consumer->current());
  const std::uint64_t refused = sink->consumer->refused();
  nack->for_each(budget, [&](std::uint16_t sequence) {
    --budget;
    sink->consumer->resend(now, sequence, producer.options().codec,
                           producer.options().extension_ids, source, out);
  });
  drop(MediaDrop::ResendOverBudget, sink->consumer->refused() - refused);
}

void MediaEngine::handle_picture_loss(Instant now, Entry& entry, std::uint32_t ssrc) {
  if (entry.is_pipe) return ask_for_pipe(entry, ssrc);
  const Sink* const sink = find(entry.sinks, ssrc);
  if (sink == nullptr) return;
  const bool may = sink->producer->change()->handle_picture_loss(now, *sink->consumer);
  if (!may) drop(MediaDrop::TooOften);
}

void MediaEngine::handle_transport_timeout(Instant now, Entry& entry, Outbox& out) {
  const bool is_lost = entry.web_rtc != nullptr && entry.web_rtc->ice().is_lost(now);
  if (is_lost) entry.web_rtc->ice().lose_path();  // before anything is sent there
  if (entry.arrivals) send_arrivals(now, entry, out);
  if (entry.web_rtc == nullptr) return;
  entry.web_rtc->handle_timeout(now, out);
  if (!is_lost) return follow(entry);
  entry.is_lost = true;
  if (!std::exchange(entry.told_of_loss, true)) events_.emplace_back(ConsentLost{entry.id});
  note_connection(entry);
}

// A handshake that made room for another's is over, and its own transport did not see it.
void MediaEngine::follow_ended_handshakes(Instant now) {
  if (std::exchange(handshakes_ended_, handshakes_.ended()) == handshakes_.ended()) return;
  for (auto& [id, timed] : transports_) {
    const Entry& entry = timed.read();
    const bool has_news = entry.web_rtc != nullptr && entry.web_rtc->state() != entry.told &&
                          !entry.web_rtc->ice().is_lost(now);
    if (has_news) follow(*timed.change());
  }
}

// Only those whose deadline has come are looked at: of thousands of transports most are idle.
void MediaEngine::handle_timeout(Instant now, Outbox& out) {
  follow_ended_handshakes(now);
  const auto transports = transport_deadlines_.due(now);
  for (TimedEntry* const timed : transports) handle_transport_timeout(now, *timed->change(), out);
  for (TimedProducer* const timed : producer_deadlines_.due(now)) {
    timed->change()->handle_timeout(now, out);
  }
  if (now >= report_at_) {
    report_at_ = now + kReportInterval;
    send_reports(now, out);
  }
  for (TimedEntry* const timed : transports) send_padding(now, *timed->change(), out);
  if (now >= allocate_at_) {
    allocate_at_ = now + kAllocationInterval;
    for (const auto& [id, timed] : receivers_) allocate(now, *timed->change());
    count_wishes(now);
  }
  tell_speakers(now);
}

// To every sender of media how it arrives: 31 streams of a transport at most, as many as one
// report holds.
void MediaEngine::send_reports(Instant now, Outbox& out) {
  for (const auto& [id, timed] : senders_) {
    if (timed->read().is_pipe) continue;  // it looks after its own losses
    const auto entry = timed->change();
    ReceiverReport report{.ssrc = 1, .reports = {}};
    for (const auto& [ssrc, source] : entry->sources) {
      if (source.is_rtx) continue;
      const auto producer = source.producer->change();
      report.ssrc = producer->options().feedback_ssrc;
      const auto block = producer->stream(source.stream).report(now);
      if (block) report.reports.add(*block);
    }
    if (report.reports.all().empty()) continue;
    std::array<std::uint8_t, 1024> buffer;
    ByteWriter writer(buffer);
    report.write(writer);
    entry->transport->send_rtcp(writer.written(), out);
  }
}

}  // namespace rtc
