// One person's media over ICE, DTLS and SRTP without a browser: what they send, as fast as they are
// told, and how late it arrives at themselves through the SFU. For the measuring of floods.
//
//   abuse-media-peer FROM_ADDRESS
//
// Prints {"fingerprint": …} of its certificate (SHA-256), and then reads one JSON object a line
// until its standard input ends:
//   {"connect": {"port", "send", "receive", "ssrc", "payloadType", "receiveSsrc"}}: `send` and
//       `receive` are {"usernameFragment", "password", "fingerprint"} of the server's transports,
//       which know the certificate already. Prints {"connected": true}.
//   {"pace": {"media", "octets", "nacks", "plis", "hellos"}}: packets of each a second, from now
//   on.
//   {"look": true}: prints {"sent", "received", "p50Ms", "p99Ms"} since the last look.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "rtc/dtls/dtls_transport.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/srtp/srtp_receiver.hpp"
#include "rtc/srtp/srtp_sender.hpp"
#include "rtc/stun/stun_builder.hpp"
#include "rtc/stun/stun_view.hpp"

namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kDatagramMax = 2048;
constexpr int kReceiveBuffer = 4 * 1024 * 1024;  // octets: others use the processors as well
constexpr std::uint32_t kOwnSsrc = 1;            // of feedback
constexpr Duration kConsentEvery = std::chrono::seconds{2};
constexpr Duration kConnectMax = std::chrono::seconds{10};
constexpr std::uint32_t kTicksAPacket = 900;  // of the 90 kHz of video
// A whole VP8 key frame of 320 × 240 in one packet, as far as anyone looks (RFC 7741 section 4).
constexpr std::array<std::uint8_t, 11> kKeyFrame{0x10, 0x10, 0x02, 0x00, 0x9D, 0x01,
                                                 0x2A, 0x40, 0x01, 0xF0, 0x00};

Instant now() {
  return Instant::at(std::chrono::duration_cast<Duration>(Clock::now().time_since_epoch()));
}
std::string text_in(const json::value& from, std::string_view name) {
  return std::string(from.at(name).as_string());
}

// A UDP socket and the browser's side of one WebRTC transport of the server.
class Transport {
 public:
  Transport(const std::string& from, std::uint16_t port, const json::value& server,
            const rtc::DtlsIdentity& identity)
      : identity_(identity),
        username_(text_in(server, "usernameFragment") + ":theirs"),
        password_(text_in(server, "password")),
        fingerprint_(
            rtc::DtlsFingerprint::parse(rtc::DtlsHash::Sha256, text_in(server, "fingerprint"))
                .value()),
        socket_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)),
        dtls_(std::make_unique<rtc::DtlsTransport>(identity)) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    const auto address = [](const std::string& host, std::uint16_t at) {
      sockaddr_in made{};
      made.sin_family = AF_INET;
      made.sin_port = htons(at);
      inet_pton(AF_INET, host.c_str(), &made.sin_addr);
      return made;
    };
    const sockaddr_in here = address(from, 0);
    const sockaddr_in there = address("127.0.0.1", port);
    const bool is_open =
        bind(socket_, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0 &&
        connect(socket_, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    if (!is_open) throw std::runtime_error("no UDP socket");
  }
  ~Transport() { close(socket_); }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  int descriptor() const { return socket_; }
  bool is_connected() const { return sender_ != nullptr; }

  void send(Bytes datagram) const {
    (void)::send(socket_, datagram.data(), datagram.size(), MSG_DONTWAIT);
  }
  // Checks, DTLS and consent go on.
  void tick() {
    if (now() >= check_at_) {
      send(check());
      check_at_ = now() + (is_connected() ? kConsentEvery : std::chrono::milliseconds{100});
    }
    dtls_->handle_timeout(now());
    carry_dtls();
  }
  // Calls `on_rtp` with each packet in the clear.
  template <class OnRtp>
  void receive(OnRtp on_rtp) {
    std::array<std::uint8_t, kDatagramMax> buffer;
    for (;;) {
      const ssize_t size = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size <= 0) return;
      const MutableBytes datagram = MutableBytes(buffer).first(static_cast<std::size_t>(size));
      if (datagram[0] < 2) {
        answer_check(datagram);
        if (dtls_->state() == rtc::DtlsState::New) {
          dtls_->start(now(), rtc::DtlsRole::Client, fingerprint_);
        }
      } else if (rtc::looks_like_dtls(datagram)) {
        dtls_->handle_datagram(now(), datagram);
      } else if (receiver_ != nullptr && rtc::is_rtp(datagram)) {
        if (const auto plain = receiver_->unprotect_rtp(datagram)) on_rtp(Bytes(*plain));
      }
      carry_dtls();
    }
  }
  void send_rtp(const rtc::RtpHeader& header, std::uint64_t sequence, Bytes payload) {
    Octets packet(kDatagramMax);
    ByteWriter head(packet);
    rtc::write_rtp_header(head, header);
    send(sender_->protect_rtp({packet, head.size(), payload}, sequence, queue_));
  }
  void send_rtcp(Bytes packets) {
    Octets packet(packets.begin(), packets.end());
    packet.resize(packets.size() + rtc::kSrtpOverheadMax);
    send(sender_->protect_rtcp(packet, packets.size()));
  }
  // A new handshake begins on the path of the old one, each time another.
  void send_hello() const {
    rtc::DtlsTransport other(identity_);
    other.start(now(), rtc::DtlsRole::Client, fingerprint_);
    while (const auto datagram = other.poll_datagram()) send(*datagram);
  }

 private:
  Octets check() {
    Octets buffer(300);
    rtc::TransactionId transaction;
    random_.fill(transaction);
    rtc::StunBuilder request(buffer, rtc::StunClass::Request, rtc::kStunBinding, transaction);
    request.username(username_);
    request.priority(1);
    request.ice_controlling(7);
    request.use_candidate();
    const Bytes made = request.finish({.key = bytes_of(password_), .fingerprint = true});
    return {made.begin(), made.end()};
  }
  // The server asks whether we are here before it sends more than a trickle. Any answer will do: we
  // know no credentials of ours that it would use.
  void answer_check(Bytes datagram) const {
    const auto check = rtc::StunView::parse(datagram);
    if (!check || check->message_class != rtc::StunClass::Request) return;
    Octets buffer(100);
    rtc::StunBuilder answer(buffer, rtc::StunClass::Error, rtc::kStunBinding, check->transaction);
    answer.error_code(400, "Bad Request");
    send(answer.finish({.key = {}}));
  }
  void carry_dtls() {
    while (const auto datagram = dtls_->poll_datagram()) send(*datagram);
    const auto& keys = dtls_->srtp_keys();
    if (!keys || is_connected()) return;
    sender_ = std::make_unique<rtc::SrtpSender>(keys->local);
    receiver_ = std::make_unique<rtc::SrtpReceiver>(keys->remote);
  }

  const rtc::DtlsIdentity& identity_;
  std::string username_;
  std::string password_;
  rtc::DtlsFingerprint fingerprint_;
  int socket_;
  SecureRandom random_;
  Instant check_at_;
  std::unique_ptr<rtc::DtlsTransport> dtls_;
  std::unique_ptr<rtc::SrtpSender> sender_;
  std::unique_ptr<rtc::SrtpReceiver> receiver_;
  rtc::SigningQueue queue_;
};

// So many a second, caught up with when a turn comes late.
class Pace {
 public:
  void set(double a_second) {
    a_second_ = a_second;
    since_ = Clock::now();
    made_ = 0;
  }
  template <class Work>
  void catch_up(Work work) {
    const std::chrono::duration<double> passed = Clock::now() - since_;
    const auto due = static_cast<std::uint64_t>(passed.count() * a_second_);
    // No more than 20 ms at once: what comes in must be read as well.
    const auto most = made_ + static_cast<std::uint64_t>(a_second_ / 50) + 1;
    for (; made_ < std::min(due, most); ++made_) work();
    made_ = due;
  }

 private:
  double a_second_ = 0;
  Clock::time_point since_;
  std::uint64_t made_ = 0;
};

class Peer {
 public:
  explicit Peer(std::string from) : from_(std::move(from)), identity_(std::time(nullptr)) {
    say({{"fingerprint", identity_.fingerprint(rtc::DtlsHash::Sha256).to_string()}});
  }

  void run() {
    for (std::string input; read_input(input);) {
      for (std::size_t end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
        obey(json::parse(std::string_view(input).substr(0, end)).as_object());
        input.erase(0, end + 1);
      }
      turn();
    }
  }

 private:
  static void say(const json::object& line) {
    std::puts(json::serialize(line).c_str());
    std::fflush(stdout);
  }

  // Waits for 1 ms at most; false at the end of standard input.
  bool read_input(std::string& input) {
    std::vector<pollfd> ready{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}};
    for (const auto* one : transports()) {
      ready.push_back({.fd = one->descriptor(), .events = POLLIN, .revents = 0});
    }
    poll(ready.data(), ready.size(), 1);
    if (ready[0].revents == 0) return true;
    std::array<char, 4096> buffer;
    const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size > 0) input.append(buffer.data(), static_cast<std::size_t>(size));
    return size > 0;
  }
  std::vector<Transport*> transports() const {
    std::vector<Transport*> there;
    for (const auto* one : {&send_, &receive_}) {
      if (*one != nullptr) there.push_back(one->get());
    }
    return there;
  }

  void obey(const json::object& order) {
    if (const auto* connection = order.if_contains("connect")) connect(connection->as_object());
    if (const auto* pace = order.if_contains("pace")) set(pace->as_object());
    if (order.contains("look")) look();
  }
  void connect(const json::object& how) {
    const auto number = [&](std::string_view name) {
      return how.contains(name) ? how.at(name).to_number<std::uint32_t>() : 0;
    };
    const auto port = static_cast<std::uint16_t>(number("port"));
    media_.ssrc = number("ssrc");
    media_.payload_type = static_cast<std::uint8_t>(number("payloadType"));
    receive_ssrc_ = number("receiveSsrc");
    if (how.contains("send"))
      send_ = std::make_unique<Transport>(from_, port, how.at("send"), identity_);
    if (how.contains("receive"))
      receive_ = std::make_unique<Transport>(from_, port, how.at("receive"), identity_);
    const Instant end = now() + kConnectMax;
    const auto is_there = [](const Transport* one) { return one->is_connected(); };
    while (!std::ranges::all_of(transports(), is_there)) {
      if (now() > end) throw std::runtime_error("no connection to the SFU");
      turn();
      usleep(1000);
    }
    say({{"connected", true}});
  }
  void set(const json::object& pace) {
    const auto a_second = [&](std::string_view name) {
      return pace.contains(name) ? pace.at(name).to_number<double>() : 0.0;
    };
    octets_ = std::max(kKeyFrame.size() + sizeof(std::int64_t),
                       static_cast<std::size_t>(a_second("octets")));
    media_pace_.set(a_second("media"));
    nack_pace_.set(a_second("nacks"));
    pli_pace_.set(a_second("plis"));
    hello_pace_.set(a_second("hellos"));
  }
  void look() {
    std::ranges::sort(delays_ms_);
    const auto at = [&](double share) {
      if (delays_ms_.empty()) return 0.0;
      return delays_ms_[static_cast<std::size_t>(share *
                                                 static_cast<double>(delays_ms_.size() - 1))];
    };
    say({{"sent", sent_},
         {"received", delays_ms_.size()},
         {"p50Ms", at(0.5)},
         {"p99Ms", at(0.99)}});
    sent_ = 0;
    delays_ms_.clear();
  }

  void turn() {
    for (auto* one : transports()) {
      one->tick();
      one->receive([this](Bytes packet) { arrived(packet); });
    }
    if (send_ != nullptr && send_->is_connected()) {
      media_pace_.catch_up([this] { send_media(); });
      hello_pace_.catch_up([this] { send_->send_hello(); });
    }
    if (receive_ != nullptr && receive_->is_connected()) {
      nack_pace_.catch_up([this] { send_nack(); });
      pli_pace_.catch_up([this] { send_pli(); });
    }
  }
  // The time of sending stands in the last octets.
  void send_media() {
    Octets payload(octets_, 0x5A);
    std::ranges::copy(kKeyFrame, payload.begin());
    const std::int64_t at = Clock::now().time_since_epoch().count();
    std::memcpy(payload.data() + payload.size() - sizeof at, &at, sizeof at);
    media_.marker = true;
    media_.sequence = static_cast<std::uint16_t>(sequence_);
    media_.timestamp += kTicksAPacket;
    send_->send_rtp(media_, sequence_++, payload);
    ++sent_;
  }
  void arrived(Bytes packet) {
    if (packet.size() < 12 + sizeof(std::int64_t)) return;
    ByteReader in(packet);
    in.take(2);
    last_sequence_ = in.u16();
    in.take(4);
    if (in.u32() != receive_ssrc_) return;
    std::int64_t at = 0;
    std::memcpy(&at, packet.data() + packet.size() - sizeof at, sizeof at);
    const Clock::duration took = Clock::now().time_since_epoch() - Clock::duration(at);
    delays_ms_.push_back(std::chrono::duration<double, std::milli>(took).count());
  }
  // Everything that was received of late is missing.
  void send_nack() {
    std::array<std::uint16_t, 680> missing;
    for (std::size_t i = 0; i < missing.size(); ++i) {
      missing[i] = static_cast<std::uint16_t>(last_sequence_ - missing.size() + i + 1);
    }
    Octets buffer(1400);
    ByteWriter out(buffer);
    rtc::Nack::write(out, kOwnSsrc, receive_ssrc_, missing);
    receive_->send_rtcp(Bytes(buffer).first(out.size()));
  }
  void send_pli() {
    std::array<std::uint8_t, 64> buffer;
    ByteWriter out(buffer);
    rtc::Pli{.sender_ssrc = kOwnSsrc, .media_ssrc = receive_ssrc_}.write(out);
    receive_->send_rtcp(Bytes(buffer).first(out.size()));
  }

  std::string from_;
  rtc::DtlsIdentity identity_;
  std::unique_ptr<Transport> send_;
  std::unique_ptr<Transport> receive_;
  rtc::RtpHeader media_;
  std::uint64_t sequence_ = 1000;
  std::uint32_t receive_ssrc_ = 0;
  std::uint16_t last_sequence_ = 0;
  std::size_t octets_ = 200;
  Pace media_pace_;
  Pace nack_pace_;
  Pace pli_pace_;
  Pace hello_pace_;
  std::uint64_t sent_ = 0;
  std::vector<double> delays_ms_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: abuse-media-peer FROM_ADDRESS\n", stderr);
    return 2;
  }
  try {
    Peer(argv[1]).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
