#include "rtc/srtp/srtp_protection.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "rtc/srtp/aead_cipher.hpp"
#include "rtc/srtp/counter_cipher.hpp"

namespace rtc {

namespace {

constexpr std::size_t kSsrcOffsetRtp = 8;
constexpr std::size_t kSsrcOffsetRtcp = 4;

std::uint32_t ssrc_at(Bytes packet, std::size_t offset) {
  return ByteReader(packet.subspan(offset)).u32();
}

// RFC 7714: RTP by its sections 8 and 5, RTCP by 9 and 6.
class AeadProtection final : public SrtpProtection {
 public:
  explicit AeadProtection(const SrtpSessionKeys& keys)
      : cipher_(make_aead_cipher(best_aead_provider(), keys.key())) {
    ByteReader salt(keys.salt());
    salt_head_ = salt.u64();
    salt_tail_ = salt.u32();
  }

  void seal_rtp(std::uint64_t index, const PlainRtp& rtp, SigningQueue&) override {
    cipher_->seal({.nonce = nonce(ssrc_at(rtp.packet, kSsrcOffsetRtp), index),
                   .associated = rtp.packet.first(rtp.head_size),
                   .plain = rtp.plain,
                   .sealed = rtp.packet.subspan(rtp.head_size, rtp.plain.size() + kAeadTagSize)});
  }

  bool open_rtp(std::uint64_t index, MutableBytes packet, std::size_t head_size) override {
    return cipher_->open(nonce(ssrc_at(packet, kSsrcOffsetRtp), index), packet.first(head_size),
                         packet.subspan(head_size));
  }

  void seal_rtcp(std::uint32_t index, MutableBytes packet, std::size_t size) override {
    const auto associated = associated_data(packet, index);
    const std::size_t text = size - kSrtcpHeadSize;
    cipher_->seal({.nonce = nonce(ssrc_at(packet, kSsrcOffsetRtcp), index),
                   .associated = associated,
                   .plain = packet.subspan(kSrtcpHeadSize, text),
                   .sealed = packet.subspan(kSrtcpHeadSize, text + kAeadTagSize)});
    ByteWriter(packet.subspan(size + kAeadTagSize)).u32(index | kSrtcpEncryptedFlag);
  }

  bool open_rtcp(std::uint32_t index, MutableBytes packet) override {
    const auto associated = associated_data(packet, index);
    const std::size_t sealed = packet.size() - kSrtcpHeadSize - kSrtcpIndexSize;
    return cipher_->open(nonce(ssrc_at(packet, kSsrcOffsetRtcp), index), associated,
                         packet.subspan(kSrtcpHeadSize, sealed));
  }

 private:
  // 16 bits of 0, the SSRC and the index of 48 bits, XOR salt (RFC 7714 section 8.1).
  AeadNonce nonce(std::uint32_t ssrc, std::uint64_t index) const {
    AeadNonce nonce;
    ByteWriter out(nonce);
    out.u64(salt_head_ ^ (std::uint64_t{ssrc} << 16 | (index >> 32 & 0xFFFF)));
    out.u32(salt_tail_ ^ static_cast<std::uint32_t>(index));
    return nonce;
  }

  static std::array<std::uint8_t, kSrtcpHeadSize + kSrtcpIndexSize> associated_data(
      Bytes packet, std::uint32_t index) {
    std::array<std::uint8_t, kSrtcpHeadSize + kSrtcpIndexSize> data{};
    ByteWriter out(data);
    out.bytes(packet.first(kSrtcpHeadSize));
    out.u32(index | kSrtcpEncryptedFlag);
    return data;
  }

  std::unique_ptr<AeadCipher> cipher_;
  std::uint64_t salt_head_ = 0;
  std::uint32_t salt_tail_ = 0;
};

// RFC 3711: RTP by its section 3.1, RTCP by 3.4.
class CounterProtection final : public SrtpProtection {
 public:
  explicit CounterProtection(const SrtpSessionKeys& keys)
      : cipher_(keys.key(), keys.authentication_key),
        signing_key_(SigningQueue::make_key(keys.key(), keys.authentication_key)) {
    ByteReader salt(keys.salt());
    salt_head_ = salt.u64();
    salt_tail_ = std::uint64_t{salt.u32()} << 32;
    salt_tail_ |= std::uint64_t{salt.u16()} << 16;
  }

  void seal_rtp(std::uint64_t index, const PlainRtp& rtp, SigningQueue& queue) override {
    const auto first_block = counter(ssrc_at(rtp.packet, kSsrcOffsetRtp), index);
    if (signing_key_ != nullptr) {
      queue.seal(*signing_key_, first_block, static_cast<std::uint32_t>(index >> 16), rtp);
      return;
    }
    cipher_.crypt(first_block, rtp.plain, rtp.packet.subspan(rtp.head_size, rtp.plain.size()));
    const auto digest = rtp_digest(rtp.packet.first(rtp.size()), index);
    std::ranges::copy(Bytes(digest).first(kTagSize), rtp.packet.subspan(rtp.size()).begin());
  }

  bool open_rtp(std::uint64_t index, MutableBytes packet, std::size_t head_size) override {
    const std::size_t size = packet.size() - kTagSize;
    const auto digest = rtp_digest(packet.first(size), index);
    if (CRYPTO_memcmp(digest.data(), packet.data() + size, kTagSize) != 0) return false;
    const MutableBytes text = packet.subspan(head_size, size - head_size);
    cipher_.crypt(counter(ssrc_at(packet, kSsrcOffsetRtp), index), text, text);
    return true;
  }

  void seal_rtcp(std::uint32_t index, MutableBytes packet, std::size_t size) override {
    const MutableBytes text = packet.subspan(kSrtcpHeadSize, size - kSrtcpHeadSize);
    cipher_.crypt(counter(ssrc_at(packet, kSsrcOffsetRtcp), index), text, text);
    ByteWriter(packet.subspan(size)).u32(index | kSrtcpEncryptedFlag);
    const auto digest = cipher_.digest(packet.first(size + kSrtcpIndexSize), {});
    std::ranges::copy(Bytes(digest).first(kTagSize),
                      packet.subspan(size + kSrtcpIndexSize).begin());
  }

  bool open_rtcp(std::uint32_t index, MutableBytes packet) override {
    const std::size_t size = packet.size() - kTagSize;
    const auto digest = cipher_.digest(packet.first(size), {});
    if (CRYPTO_memcmp(digest.data(), packet.data() + size, kTagSize) != 0) return false;
    const MutableBytes text =
        packet.subspan(kSrtcpHeadSize, size - kSrtcpIndexSize - kSrtcpHeadSize);
    cipher_.crypt(counter(ssrc_at(packet, kSsrcOffsetRtcp), index), text, text);
    return true;
  }

 private:
  static constexpr std::size_t kTagSize = tag_size(SrtpSuite::AesCm128HmacSha1_80);

  // Section 4.1.1: salt * 2^16 XOR ssrc * 2^64 XOR index * 2^16.
  std::array<std::uint8_t, 16> counter(std::uint32_t ssrc, std::uint64_t index) const {
    std::array<std::uint8_t, 16> block;
    ByteWriter out(block);
    out.u64(salt_head_ ^ ssrc);
    out.u64(salt_tail_ ^ index << 16);
    return block;
  }

  // Section 4.2: the roll-over counter is signed with the packet, but not sent.
  std::array<std::uint8_t, CounterCipher::kDigestSize> rtp_digest(Bytes packet,
                                                                  std::uint64_t index) {
    std::array<std::uint8_t, 4> roll_over{};
    ByteWriter(roll_over).u32(static_cast<std::uint32_t>(index >> 16));
    return cipher_.digest(packet, roll_over);
  }

  CounterCipher cipher_;
  std::unique_ptr<SigningKey> signing_key_;  // null where OpenSSL seals
  std::uint64_t salt_head_ = 0;
  std::uint64_t salt_tail_ = 0;  // of 48 bits, before 16 of 0
};

}  // namespace

std::unique_ptr<SrtpProtection> make_srtp_protection(const SrtpSessionKeys& keys) {
  if (is_aead(keys.suite)) return std::make_unique<AeadProtection>(keys);
  return std::make_unique<CounterProtection>(keys);
}

std::uint32_t srtcp_index_word(SrtpSuite suite, Bytes packet) {
  const std::size_t behind = is_aead(suite) ? 0 : tag_size(suite);
  return ByteReader(packet.subspan(packet.size() - behind - kSrtcpIndexSize)).u32();
}

}  // namespace rtc
