// The other end of a WebRtcTransport: what a browser says over ICE, DTLS and SRTP.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "rtc/dtls/dtls_transport.hpp"
#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/srtp/srtp_receiver.hpp"
#include "rtc/srtp/srtp_sender.hpp"
#include "rtc/stun/stun_builder.hpp"
#include "rtc/testing/datagrams.hpp"
#include "rtc/transport/media_engine.hpp"

namespace rtc::testing {

class Browser {
 public:
  using Octets = std::vector<std::uint8_t>;

  Browser(const Path& path, IceCredentials server, std::uint64_t seed = 1)
      : path_(path), server_(std::move(server)), random_(seed), identity_(1'800'000'000) {}

  const Path& path() const { return path_; }
  // As after a change of networks.
  void move_to(const Path& path) { path_ = path; }
  void use(IceCredentials server) { server_ = std::move(server); }
  DtlsFingerprint fingerprint() const { return identity_.fingerprint(DtlsHash::Sha256); }
  DtlsTransport& dtls() { return dtls_; }

  struct Check {
    bool nominates = true;
    std::string password = {};  // empty: the right one
    std::string username = {};  // empty: the right one
  };
  Octets check() { return check(Check{}); }
  Octets check(const Check& how) {
    TransactionId transaction;
    random_.fill(transaction);
    Octets buffer(300);
    StunBuilder request(buffer, StunClass::Request, kStunBinding, transaction);
    request.username(how.username.empty() ? server_.username_fragment + ":theirs" : how.username);
    request.priority(1);
    request.ice_controlling(7);
    if (how.nominates) request.use_candidate();
    const std::string& password = how.password.empty() ? server_.password : how.password;
    const Bytes sent = request.finish({.key = bytes_of(password), .fingerprint = true});
    return {sent.begin(), sent.end()};
  }

  // Hands `datagram` to the engine as if it came over the path, takes in what the engine sends
  // back to here, and answers its checks.
  void send(Instant now, MediaEngine& engine, Outbox& out, Octets datagram) {
    engine.handle_datagram(now, path_, datagram, out);
    take(now, out);
    for (Octets& answer : take_check_answers()) {
      engine.handle_datagram(now, path_, answer, out);
      take(now, out);
    }
  }

  // From the first check to keys on both sides. `role` is the browser's.
  void connect(Instant now, MediaEngine& engine, TransportId transport, Outbox& out,
               const DtlsFingerprint& engine_fingerprint, DtlsRole role = DtlsRole::Client) {
    engine.connect(now, transport, role == DtlsRole::Client ? DtlsRole::Server : DtlsRole::Client,
                   fingerprint(), out);
    dtls_.start(now, role, engine_fingerprint);
    send(now, engine, out, check());
    exchange(now, engine, out);
  }

  // Carries DTLS to and fro until both sides are silent.
  void exchange(Instant now, MediaEngine& engine, Outbox& out) {
    take(now, out);
    while (auto datagram = dtls_.poll_datagram()) send(now, engine, out, std::move(*datagram));
    if (const auto& keys = dtls_.srtp_keys(); keys && sender_ == nullptr) {
      sender_ = std::make_unique<SrtpSender>(keys->local);
      receiver_ = std::make_unique<SrtpReceiver>(keys->remote);
      take(now, out);
    }
  }

  Octets protect_rtp(const RtpHeader& header, std::span<const RtpExtensionElement> extensions,
                     Bytes payload) {
    Octets head(1500);
    ByteWriter writer(head);
    write_rtp_header(writer, header, extensions);
    head.resize(writer.size());
    return protect_rtp(std::move(head), payload, header.sequence);
  }
  // Whatever the head says: it is authentic.
  Octets protect_rtp(Octets head, Bytes payload, std::uint64_t sequence) {
    const std::size_t size = head.size();
    head.resize(size + payload.size() + kSrtpOverheadMax);
    SigningQueue queue;
    const Bytes sealed = sender_->protect_rtp({head, size, payload}, sequence, queue);
    queue.finish();
    return {sealed.begin(), sealed.end()};
  }
  Octets protect_rtcp(Octets packets) {
    const std::size_t size = packets.size();
    packets.resize(size + kSrtpOverheadMax);
    const Bytes sealed = sender_->protect_rtcp(packets, size);
    return {sealed.begin(), sealed.end()};
  }

  // What has arrived since the last call, decrypted.
  std::vector<Octets> take_rtp() { return std::exchange(rtp_, {}); }
  std::vector<Octets> take_rtcp() { return std::exchange(rtcp_, {}); }
  std::size_t answers() const { return answers_; }  // STUN, to our checks
  // What an ICE agent says to checks without credentials, as they came since the last call.
  std::vector<Octets> take_check_answers() { return std::exchange(check_answers_, {}); }
  std::size_t octets_received() const { return octets_; }  // of all kinds

  // Everything in the outbox that is for here; the rest stays out of sight.
  void take(Instant now, Outbox& out) {
    look(now, out);
    out.clear();
  }
  // The same, and the rest stays for others.
  void look(Instant now, Outbox& out) {
    for (const auto& slot : rtc::testing::datagrams_in(out)) {
      if (slot.path != path_) continue;
      Octets datagram(slot.octets.begin(), slot.octets.end());
      receive(now, datagram);
    }
  }

  // One datagram that came over a path of its own.
  void receive(Instant now, Octets& datagram) {
    octets_ += datagram.size();
    if (looks_like_stun(datagram)) {
      receive_stun(datagram);
    } else if (looks_like_dtls(datagram)) {
      dtls_.handle_datagram(now, datagram);
    } else if (receiver_ != nullptr && is_rtp(datagram)) {
      const auto plain = receiver_->unprotect_rtp(datagram);
      if (plain) rtp_.emplace_back(plain->begin(), plain->end());
    } else if (receiver_ != nullptr) {
      const auto plain = receiver_->unprotect_rtcp(datagram);
      if (plain) rtcp_.emplace_back(plain->begin(), plain->end());
    }
  }

 private:
  void receive_stun(Bytes datagram) {
    const auto message = StunView::parse(datagram);
    if (!message || message->message_class != StunClass::Request) {
      ++answers_;
      return;
    }
    Octets buffer(100);
    StunBuilder answer(buffer, StunClass::Error, kStunBinding, message->transaction);
    answer.error_code(400, "Bad Request");
    const Bytes sent = answer.finish({.key = {}});
    check_answers_.emplace_back(sent.begin(), sent.end());
  }

  Path path_;
  IceCredentials server_;
  SeededRandom random_;
  DtlsIdentity identity_;
  DtlsTransport dtls_{identity_};
  std::unique_ptr<SrtpSender> sender_;
  std::unique_ptr<SrtpReceiver> receiver_;
  std::vector<Octets> rtp_;
  std::vector<Octets> rtcp_;
  std::vector<Octets> check_answers_;
  std::size_t answers_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace rtc::testing
