// The limit that forwarding is measured against: the cipher and the send calls, and nothing else.
// Shares no code with the engine.
//
// Usage: forward_limit gcm|cm, with the ports of the receivers on one line of standard input.
// Prints its own port. For every burst that comes there each receiver gets the packets of it under
// a key of its own, in one sendmmsg() of a run each. For every further line it prints the
// nanoseconds of CPU that sealing and sending took since the start, and how many packets it sent.
#define LINUX
#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kHead = 12;         // octets of an RTP header
constexpr std::size_t kRunMax = 65'000;   // octets
constexpr std::size_t kHashJobs = 16;     // signed at once, while they are still in the cache
constexpr std::size_t kMessagesMax = 64;  // of one sendmmsg()

struct Receiver {
  gcm_key_data gcm;
  alignas(16) std::array<std::uint8_t, 240> aes;
  std::array<std::uint8_t, 20> inner, outer;  // states of SHA-1 behind the padded keys
  sockaddr_in address{};
  std::array<std::uint8_t, kRunMax> run;
  std::size_t size = 0;
};

std::uint64_t cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

class Limit {
 public:
  Limit(bool is_gcm, const std::vector<std::uint16_t>& ports)
      : is_gcm_(is_gcm), gcm_(alloc_mb_mgr(0)), counter_(alloc_mb_mgr(0)) {
    init_mb_mgr_auto(gcm_, nullptr);
    // Two streams of SHA instructions are faster than eight lanes of vectors.
    if ((gcm_->features & IMB_FEATURE_SHANI) != 0) {
      init_mb_mgr_sse(counter_);
    } else {
      init_mb_mgr_auto(counter_, nullptr);
    }
    for (const std::uint16_t port : ports) add_receiver(port);
  }

  // `packets` are of one size, one behind the other.
  void forward(int socket, const std::uint8_t* packets, std::size_t size, std::size_t count) {
    for (auto& receiver : receivers_) {
      receiver->size = 0;
      for (std::size_t i = 0; i < count; ++i) seal(*receiver, packets + i * size, size);
    }
    sign();
    const std::size_t step = size + (is_gcm_ ? 16 : 10);
    for (std::size_t at = 0; at < receivers_.size(); at += kMessagesMax) {
      send(socket, at, std::min(receivers_.size(), at + kMessagesMax), count > 1 ? step : 0);
    }
  }

  std::size_t receivers() const { return receivers_.size(); }

 private:
  void add_receiver(std::uint16_t port) {
    auto receiver = std::make_unique<Receiver>();
    std::array<std::uint8_t, 64> block{};
    for (std::size_t i = 0; i < 20; ++i) block[i] = static_cast<std::uint8_t>(port * 7 + i);
    IMB_AES128_GCM_PRE(gcm_, block.data(), &receiver->gcm);
    alignas(16) std::array<std::uint8_t, 240> unused;
    IMB_AES_KEYEXP_128(counter_, block.data(), receiver->aes.data(), unused.data());
    for (auto& octet : block) octet ^= 0x36;
    IMB_SHA1_ONE_BLOCK(counter_, block.data(), receiver->inner.data());
    for (auto& octet : block) octet ^= 0x36 ^ 0x5c;
    IMB_SHA1_ONE_BLOCK(counter_, block.data(), receiver->outer.data());
    receiver->address.sin_family = AF_INET;
    receiver->address.sin_port = htons(port);
    receiver->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    receivers_.push_back(std::move(receiver));
  }

  void seal(Receiver& to, const std::uint8_t* packet, std::size_t size) {
    std::uint8_t* const out = to.run.data() + to.size;
    std::memcpy(out, packet, kHead);
    alignas(16) std::array<std::uint8_t, 16> iv{};
    std::memcpy(iv.data(), out, 12);
    if (is_gcm_) {
      gcm_context_data context;
      IMB_AES128_GCM_ENC(gcm_, &to.gcm, &context, out + kHead, packet + kHead, size - kHead,
                         iv.data(), out, kHead, out + size, 16);
      to.size += size + 16;
      return;
    }
    IMB_JOB job{};
    job.cipher_mode = IMB_CIPHER_CNTR;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.enc_keys = to.aes.data();
    job.key_len_in_bytes = 16;
    job.iv = iv.data();
    job.iv_len_in_bytes = 16;
    job.src = packet + kHead;
    job.dst = out + kHead;
    job.msg_len_to_cipher_in_bytes = size - kHead;
    IMB_SUBMIT_CIPHER_BURST_NOCHECK(counter_, &job, 1, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                    IMB_KEY_128_BYTES);
    IMB_JOB& hash = jobs_[signing_];
    hash.hash_alg = IMB_AUTH_HMAC_SHA_1;
    hash.src = out;
    hash.msg_len_to_hash_in_bytes = size + 4;
    hash.auth_tag_output = tags_[signing_].data();
    hash.auth_tag_output_len_in_bytes = 20;
    hash.u.HMAC._hashed_auth_key_xor_ipad = to.inner.data();
    hash.u.HMAC._hashed_auth_key_xor_opad = to.outer.data();
    std::memset(out + size, 0, 4);  // the roll-over counter
    tag_places_[signing_] = out + size;
    to.size += size + 10;
    if (++signing_ == kHashJobs) sign();
  }

  void sign() {
    if (signing_ == 0) return;
    IMB_SUBMIT_HASH_BURST_NOCHECK(counter_, jobs_.data(), static_cast<std::uint32_t>(signing_),
                                  IMB_AUTH_HMAC_SHA_1);
    for (std::size_t i = 0; i < signing_; ++i) std::memcpy(tag_places_[i], tags_[i].data(), 10);
    signing_ = 0;
  }

  void send(int socket, std::size_t from, std::size_t to, std::size_t segment) {
    for (std::size_t i = from; i < to; ++i) {
      Receiver& receiver = *receivers_[i];
      vectors_[i - from] = {receiver.run.data(), receiver.size};
      msghdr& message = messages_[i - from].msg_hdr;
      message.msg_name = &receiver.address;
      message.msg_namelen = sizeof receiver.address;
      message.msg_iov = &vectors_[i - from];
      message.msg_iovlen = 1;
      if (segment == 0) continue;
      auto& control = controls_[i - from];
      message.msg_control = control.data();
      message.msg_controllen = CMSG_SPACE(sizeof(std::uint16_t));
      cmsghdr* const part = CMSG_FIRSTHDR(&message);
      part->cmsg_level = SOL_UDP;
      part->cmsg_type = UDP_SEGMENT;
      part->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto value = static_cast<std::uint16_t>(segment);
      std::memcpy(CMSG_DATA(part), &value, sizeof value);
    }
    const auto count = static_cast<unsigned>(to - from);
    for (unsigned done = 0; done < count;) {
      const int sent = sendmmsg(socket, messages_.data() + done, count - done, 0);
      done += sent > 0 ? static_cast<unsigned>(sent) : 1;
    }
  }

  bool is_gcm_;
  IMB_MGR* gcm_;
  IMB_MGR* counter_;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::array<IMB_JOB, kHashJobs> jobs_{};
  std::array<std::array<std::uint8_t, 20>, kHashJobs> tags_{};
  std::array<std::uint8_t*, kHashJobs> tag_places_{};
  std::size_t signing_ = 0;
  std::array<mmsghdr, kMessagesMax> messages_{};
  std::array<iovec, kMessagesMax> vectors_{};
  alignas(cmsghdr) std::array<std::array<std::uint8_t, 32>, kMessagesMax> controls_{};
};

// What came, and into how many octets it is to be cut; nothing came where that is 0.
std::pair<std::size_t, std::size_t> receive(int socket, std::vector<std::uint8_t>& buffer) {
  iovec vector{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<std::uint8_t, 64> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT);
  if (size <= 0) return {};
  int segment = static_cast<int>(size);
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_type == UDP_GRO) std::memcpy(&segment, CMSG_DATA(part), sizeof segment);
  }
  return {static_cast<std::size_t>(size), static_cast<std::size_t>(segment)};
}

int open_socket() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int buffer = 4 * 1024 * 1024;
  const int merge = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  setsockopt(socket, SOL_UDP, UDP_GRO, &merge, sizeof merge);
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%u\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return socket;
}

std::vector<std::uint16_t> read_ports() {
  std::string line;
  for (char octet = 0; read(STDIN_FILENO, &octet, 1) == 1 && octet != '\n';) line += octet;
  std::istringstream numbers(line);
  std::vector<std::uint16_t> ports;
  for (unsigned port = 0; numbers >> port;) ports.push_back(static_cast<std::uint16_t>(port));
  return ports;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  Limit limit(std::string(argv[1]) == "gcm", read_ports());
  const int socket = open_socket();
  if (socket < 0) return 1;
  std::vector<std::uint8_t> buffer(65'536);
  std::uint64_t spent = 0;
  std::uint64_t packets = 0;
  std::array<pollfd, 2> watched{{{socket, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  while (poll(watched.data(), watched.size(), -1) > 0) {
    for (;;) {
      const auto [size, segment] = receive(socket, buffer);
      if (size == 0) break;
      const std::uint64_t start = cpu_ns();
      limit.forward(socket, buffer.data(), segment, size / segment);
      spent += cpu_ns() - start;
      packets += size / segment * limit.receivers();
    }
    if (watched[1].revents == 0) continue;
    char octet = 0;
    if (read(STDIN_FILENO, &octet, 1) != 1) return 0;
    std::printf("%lu %lu\n", spent, packets);
    std::fflush(stdout);
  }
  return 1;
}
