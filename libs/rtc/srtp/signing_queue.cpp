#include "rtc/srtp/signing_queue.hpp"

#include <algorithm>
#include <cstdlib>

#ifdef RTC_HAS_IPSEC_MB
#include "rtc/srtp/ipsec_mb_manager.hpp"
#endif

namespace rtc {

#ifdef RTC_HAS_IPSEC_MB

namespace {

constexpr std::size_t kBlockSize = 64;  // octets, of SHA-1
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5C;

std::array<std::uint8_t, 20> padded_state(const IMB_MGR& mb, Bytes key, std::uint8_t pad) {
  std::array<std::uint8_t, kBlockSize> block{};
  std::ranges::copy(key, block.begin());
  for (std::uint8_t& octet : block) octet ^= pad;
  std::array<std::uint8_t, 20> state{};
  mb.sha1_one_block(block.data(), state.data());
  return state;
}

}  // namespace

struct SigningQueue::Waiting {
  struct Packet {
    std::uint8_t* tag;  // where it goes
    std::array<std::uint8_t, 20> inner;
    std::array<std::uint8_t, 20> outer;
    std::array<std::uint8_t, 20> digest;
  };

  IpsecMbManager mb = make_ipsec_mb();
  IMB_JOB text{};
  std::array<IMB_JOB, kWaitingMax> jobs{};
  std::array<Packet, kWaitingMax> packets{};
  std::size_t count = 0;
};

bool SigningQueue::is_available() { return shared_ipsec_mb() != nullptr; }

std::unique_ptr<SigningKey> SigningQueue::make_key(Bytes key, Bytes authentication_key) {
  const IMB_MGR* const mb = shared_ipsec_mb();
  if (mb == nullptr) return nullptr;
  auto expanded = std::make_unique<SigningKey>();
  alignas(16) std::array<std::uint8_t, 240> decryption;  // counter mode never needs it
  mb->keyexp_128(key.data(), expanded->rounds.data(), decryption.data());
  expanded->inner = padded_state(*mb, authentication_key, kInnerPad);
  expanded->outer = padded_state(*mb, authentication_key, kOuterPad);
  return expanded;
}

SigningQueue::SigningQueue() : waiting_(std::make_unique<Waiting>()) {}

void SigningQueue::seal(const SigningKey& key, const std::array<std::uint8_t, 16>& counter,
                        std::uint32_t roll_over, const PlainRtp& rtp) {
  Waiting& waiting = *waiting_;
  const std::size_t size = rtp.size();
  std::uint8_t* const packet = rtp.packet.data();
  if (!rtp.plain.empty()) {
    IMB_JOB& text = waiting.text;
    text.cipher_mode = IMB_CIPHER_CNTR;
    text.cipher_direction = IMB_DIR_ENCRYPT;
    text.enc_keys = key.rounds.data();
    text.key_len_in_bytes = 16;
    text.iv = counter.data();
    text.iv_len_in_bytes = counter.size();
    text.src = rtp.plain.data();
    text.dst = packet + rtp.head_size;
    text.msg_len_to_cipher_in_bytes = rtp.plain.size();
    waiting.mb->submit_cipher_burst_nocheck(waiting.mb.get(), &text, 1, IMB_CIPHER_CNTR,
                                            IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
  }
  // The roll-over counter is signed behind the packet, but not sent: the tag takes its place.
  ByteWriter(rtp.packet.subspan(size)).u32(roll_over);
  Waiting::Packet& own = waiting.packets[waiting.count];
  own.tag = packet + size;
  // Copies: the key may go before the packet does.
  own.inner = key.inner;
  own.outer = key.outer;
  IMB_JOB& job = waiting.jobs[waiting.count];
  job.hash_alg = IMB_AUTH_HMAC_SHA_1;
  job.src = packet;
  job.msg_len_to_hash_in_bytes = size + sizeof roll_over;
  job.auth_tag_output = own.digest.data();
  job.auth_tag_output_len_in_bytes = own.digest.size();
  job.u.HMAC._hashed_auth_key_xor_ipad = own.inner.data();
  job.u.HMAC._hashed_auth_key_xor_opad = own.outer.data();
  if (++waiting.count == kWaitingMax) finish();
}

void SigningQueue::finish() {
  Waiting& waiting = *waiting_;
  if (waiting.count == 0) return;
  const auto count = static_cast<std::uint32_t>(waiting.count);
  const std::uint32_t done = waiting.mb->submit_hash_burst_nocheck(
      waiting.mb.get(), waiting.jobs.data(), count, IMB_AUTH_HMAC_SHA_1);
  if (done != count) std::abort();  // never send what was not signed
  for (const Waiting::Packet& packet : std::span(waiting.packets).first(waiting.count)) {
    std::copy_n(packet.digest.begin(), kTagSize, packet.tag);
  }
  waiting.count = 0;
}

#else

struct SigningQueue::Waiting {};

bool SigningQueue::is_available() { return false; }
std::unique_ptr<SigningKey> SigningQueue::make_key(Bytes, Bytes) { return nullptr; }
SigningQueue::SigningQueue() = default;
void SigningQueue::seal(const SigningKey&, const std::array<std::uint8_t, 16>&, std::uint32_t,
                        const PlainRtp&) {
  std::abort();
}
void SigningQueue::finish() {}

#endif

SigningQueue::~SigningQueue() = default;

}  // namespace rtc
