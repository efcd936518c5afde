// The DTLS handshake with one peer, for the keys of SRTP (RFC 5763, RFC 5764).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "rtc/dtls/datagram_bio.hpp"
#include "rtc/dtls/dtls_fingerprint.hpp"
#include "rtc/dtls/dtls_identity.hpp"
#include "rtc/srtp/srtp_suite.hpp"

struct ssl_st;
struct x509_store_ctx_st;

namespace rtc {

enum class DtlsRole : std::uint8_t { Client, Server };
enum class DtlsState : std::uint8_t { New, Connecting, Connected, Failed, Closed };
enum class DtlsFailure : std::uint8_t {
  None,
  WrongCertificate,  // its fingerprint is not the one that signalling gave
  NoSrtpProfile,     // the peer offers no suite that we have
  Handshake,         // anything else that OpenSSL refuses, and alerts of the peer
  Timeout,
};

// True for what RFC 7983 section 7 hands to DTLS: decides by the first octet alone.
constexpr bool looks_like_dtls(Bytes datagram) {
  return !datagram.empty() && datagram[0] >= 20 && datagram[0] < 64;
}

// The caller hands in only datagrams that came over a validated path: a hello from anywhere else
// never gets here, and so cannot disturb a handshake.
class DtlsTransport {
 public:
  struct SrtpKeys {
    SrtpMasterKey local;   // for what we send
    SrtpMasterKey remote;  // for what we receive
  };

  static constexpr Duration kRetransmitFirst = std::chrono::milliseconds{200};
  static constexpr Duration kRetransmitMax = std::chrono::milliseconds{3200};  // doubling up to it
  static constexpr Duration kHandshakeMax = std::chrono::seconds{30};

  // `identity` outlives the transport.
  explicit DtlsTransport(const DtlsIdentity& identity) : identity_(identity) {}
  ~DtlsTransport();
  DtlsTransport(const DtlsTransport&) = delete;
  DtlsTransport& operator=(const DtlsTransport&) = delete;

  // Once, in state New. The client sends its hello at once; the server holds next to no memory
  // until one comes.
  void start(Instant now, DtlsRole role, const DtlsFingerprint& remote);
  // Before start() and after the end everything is ignored.
  void handle_datagram(Instant now, Bytes datagram);
  void handle_timeout(Instant now);
  // A handshake under way has taken too long; nothing in other states.
  void give_up();
  // Tells the peer (close_notify) where there is a connection.
  void close();

  Instant next_timeout() const { return std::min(retransmit_at_, give_up_at_); }
  // What is to be sent, until nullopt.
  std::optional<std::vector<std::uint8_t>> poll_datagram() { return bio_.poll(); }

  DtlsState state() const { return state_; }
  // Connecting, and a flight was sent or has come.
  bool is_under_way() const { return state_ == DtlsState::Connecting && ssl_ != nullptr; }
  DtlsFailure failure() const { return failure_; }
  // In state Connected, else nullopt.
  const std::optional<SrtpKeys>& srtp_keys() const { return srtp_keys_; }

  // OpenSSL's question whether the peer's certificate will do; for DtlsIdentity.
  static int verify_peer(x509_store_ctx_st* store, void*);

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };

  void begin();
  void handshake();
  void read_on();
  void connected();
  void fail(DtlsFailure failure);
  void follow_timer(Instant now, unsigned armings_before);

  const DtlsIdentity& identity_;
  DatagramBio bio_;
  std::unique_ptr<ssl_st, Free> ssl_;  // after bio_, which it uses to its end
  DtlsRole role_ = DtlsRole::Server;
  DtlsState state_ = DtlsState::New;
  DtlsFailure failure_ = DtlsFailure::None;
  DtlsFingerprint remote_;
  std::optional<SrtpKeys> srtp_keys_;
  Duration retransmit_after_ = kRetransmitFirst;
  Instant retransmit_at_ = Instant::never();
  Instant give_up_at_ = Instant::never();
};

}  // namespace rtc
