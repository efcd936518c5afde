#include "rtc/transport/web_rtc_transport.hpp"

#include <algorithm>
#include <utility>

#include "rtc/rtp/extension_values.hpp"
#include "rtc/transport/packet_writer.hpp"

namespace rtc {

WebRtcTransport::State WebRtcTransport::state() const {
  switch (dtls_.state()) {
    case DtlsState::New:
      return State::New;
    case DtlsState::Connecting:
      return State::Connecting;
    case DtlsState::Connected:
      return State::Connected;
    case DtlsState::Failed:
      return State::Failed;
    case DtlsState::Closed:
      return State::Closed;
  }
  return State::Failed;
}

void WebRtcTransport::connect(Instant now, DtlsRole role, const DtlsFingerprint& remote,
                              Outbox& out) {
  if (remote_) return;
  remote_ = remote;
  role_ = role;
  start_dtls(now);
  follow_dtls(out);
}

// A client's hello needs a way to go, and a server has nothing to do before there is one.
void WebRtcTransport::start_dtls(Instant now) {
  if (!remote_ || !path() || dtls_.state() != DtlsState::New) return;
  const bool has_flight = role_ == DtlsRole::Client || !early_.empty();
  if (has_flight && !slots_.take(now, path()->remote.address, dtls_)) {
    early_.clear();                         // the client repeats itself,
    if (role_ == DtlsRole::Client) return;  // and we try again with the next check
  }
  dtls_.start(now, role_, *remote_);
  for (const auto& datagram : early_) dtls_.handle_datagram(now, datagram);
  early_.clear();
}

std::expected<void, IceLite::Drop> WebRtcTransport::handle_check(Instant now, const StunView& check,
                                                                 const Path& from, Outbox& out) {
  const MutableBytes slot = out.reserve();
  std::array<std::uint8_t, IceLite::kAnswerMax> buffer;
  const auto answer = ice_.handle(now, check, from, buffer);
  if (!answer) return std::unexpected(answer.error());
  if (!slot.empty()) {
    std::ranges::copy(answer->datagram, slot.begin());
    out.commit(from, answer->datagram.size());
  }
  send_challenge(now, out);
  start_dtls(now);
  follow_dtls(out);
  return {};
}

void WebRtcTransport::send_challenge(Instant now, Outbox& out) {
  std::array<std::uint8_t, IceLite::kAnswerMax> buffer;
  const auto challenge = ice_.poll_challenge(now, buffer);
  if (!challenge) return;
  const MutableBytes slot = out.reserve();
  if (slot.empty()) return;
  std::ranges::copy(challenge->datagram, slot.begin());
  out.commit(challenge->to, challenge->datagram.size());
}

bool WebRtcTransport::handle_check_answer(const StunView& answer, const Path& from, Outbox& out) {
  if (!ice_.handle_answer(answer, from)) return false;
  follow_dtls(out);
  return true;
}

void WebRtcTransport::handle_dtls(Instant now, const Path& from, Bytes datagram, Outbox& out) {
  ice_.note_received(from, datagram.size());
  if (dtls_.state() == DtlsState::New) {
    const bool is_kept = early_.size() < kEarlyMax && datagram.size() <= Outbox::kDatagramMax;
    if (is_kept) early_.emplace_back(datagram.begin(), datagram.end());
    return;
  }
  const bool is_first = dtls_.state() == DtlsState::Connecting && !dtls_.is_under_way();
  if (is_first && !slots_.take(now, from.remote.address, dtls_)) return;
  dtls_.handle_datagram(now, datagram);
  follow_dtls(out);
}

void WebRtcTransport::handle_timeout(Instant now, Outbox& out) {
  send_challenge(now, out);
  if (now < dtls_.next_timeout()) return;
  dtls_.handle_timeout(now);
  follow_dtls(out);
}

void WebRtcTransport::close(Outbox& out) {
  dtls_.close();
  follow_dtls(out);
}

// Sends what DTLS has to say, and takes up or lays down its keys.
void WebRtcTransport::follow_dtls(Outbox& out) {
  if (dtls_.state() != DtlsState::Connecting) slots_.release(dtls_);
  send_dtls(out);
  const auto& keys = dtls_.srtp_keys();
  if (keys && sender_ == nullptr) {
    sender_ = std::make_unique<SrtpSender>(keys->local);
    receiver_ = std::make_unique<SrtpReceiver>(keys->remote);
    // Who finished the handshake has seen our flights, which went nowhere else.
    if (handshake_path_ && !handshake_moved_) ice_.prove(*handshake_path_);
    send_dtls(out);
  } else if (!keys) {
    sender_.reset();
    receiver_.reset();
  }
}

// What an unproven address may not have yet waits; the peer repeats itself meanwhile.
void WebRtcTransport::send_dtls(Outbox& out) {
  for (;;) {
    const auto datagram = held_ ? std::exchange(held_, std::nullopt) : dtls_.poll_datagram();
    if (!datagram) return;
    const MutableBytes slot = out.reserve();
    if (!path() || slot.size() < datagram->size()) continue;
    if (!ice_.may_send_dtls(*path(), datagram->size())) {
      held_ = datagram;
      return;
    }
    handshake_moved_ |= handshake_path_.value_or(*path()) != *path();
    handshake_path_ = path();
    std::ranges::copy(*datagram, slot.begin());
    out.commit(*path(), datagram->size());
  }
}

std::expected<MutableBytes, SrtpError> WebRtcTransport::open_rtp(MutableBytes datagram) {
  if (receiver_ == nullptr) return std::unexpected(SrtpError::Forged);
  return receiver_->unprotect_rtp(datagram);
}

std::expected<MutableBytes, SrtpError> WebRtcTransport::open_rtcp(MutableBytes datagram) {
  if (receiver_ == nullptr) return std::unexpected(SrtpError::Forged);
  return receiver_->unprotect_rtcp(datagram);
}

void WebRtcTransport::expect_feedback() {
  if (bandwidth_ == nullptr) bandwidth_ = std::make_unique<BandwidthEstimator>();
}

bool WebRtcTransport::send_rtp(const OutgoingRtp& packet, Outbox& out) {
  if (!is_connected()) return false;
  const auto size = static_cast<std::int64_t>(packet.payload.size());
  if (!output_.take(packet.now, size)) {
    out.refuse();
    return false;
  }
  octets_sent_ += size;
  if (packet.abs_send_time != nullptr) *packet.abs_send_time = abs_send_time_octets(packet.now);
  if (packet.transport_sequence == nullptr) return write_rtp(packet, *path(), sender_.get(), out);
  // A number that did not go out would look like a loss.
  const auto next = static_cast<std::uint16_t>(transport_sequence_ + 1);
  *packet.transport_sequence = transport_sequence_octets(next);
  if (!write_rtp(packet, *path(), sender_.get(), out)) return false;
  transport_sequence_ = next;
  expect_feedback();
  bandwidth_->on_sent(packet.now, next, out.newest_size());
  return true;
}

bool WebRtcTransport::send_rtcp(Bytes packets, Outbox& out) {
  return is_connected() && write_rtcp(packets, *path(), sender_.get(), out);
}

}  // namespace rtc
