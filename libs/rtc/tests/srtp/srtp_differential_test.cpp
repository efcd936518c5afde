// Goal: another implementation, libsrtp, gives the same octets for the same packets and takes ours
// for its own, in every suite, over all sizes, roll-overs, reordering and replays.
#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include <algorithm>

#include "base/random.hpp"
#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/srtp/srtp_receiver.hpp"
#include "rtc/srtp/srtp_sender.hpp"

namespace {

using rtc::SrtpMasterKey;
using rtc::SrtpSuite;
using Octets = std::vector<std::uint8_t>;

// libsrtp's session of one direction.
class LibSrtp {
 public:
  LibSrtp(const SrtpMasterKey& master, bool sends) {
    static const srtp_err_status_t started = srtp_init();
    EXPECT_EQ(started, srtp_err_status_ok);
    srtp_policy_t policy{};
    set_suite(master.suite, policy.rtp);
    set_suite(master.suite, policy.rtcp);
    policy.ssrc.type = sends ? ssrc_any_outbound : ssrc_any_inbound;
    key_.assign(master.key().begin(), master.key().end());
    key_.insert(key_.end(), master.salt().begin(), master.salt().end());
    policy.key = key_.data();
    policy.window_size = rtc::ReplayWindow::kSize;
    EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
  }
  ~LibSrtp() { srtp_dealloc(session_); }
  LibSrtp(const LibSrtp&) = delete;
  LibSrtp& operator=(const LibSrtp&) = delete;

  Octets protect_rtp(const Octets& plain) { return run(plain, &srtp_protect).second; }
  Octets protect_rtcp(const Octets& plain) { return run(plain, &srtp_protect_rtcp).second; }
  auto unprotect_rtp(const Octets& sealed) { return run(sealed, &srtp_unprotect); }
  auto unprotect_rtcp(const Octets& sealed) { return run(sealed, &srtp_unprotect_rtcp); }

 private:
  static void set_suite(SrtpSuite suite, srtp_crypto_policy_t& policy) {
    switch (suite) {
      case SrtpSuite::AeadAes128Gcm:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy);
        break;
      case SrtpSuite::AeadAes256Gcm:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy);
        break;
      case SrtpSuite::AesCm128HmacSha1_80:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy);
        break;
    }
  }

  std::pair<bool, Octets> run(const Octets& packet,
                              srtp_err_status_t (*step)(srtp_t, void*, int*)) {
    // libsrtp wants 32-bit alignment and room for its trailer.
    alignas(8) std::array<std::uint8_t, 2048> buffer{};
    std::ranges::copy(packet, buffer.begin());
    int size = static_cast<int>(packet.size());
    const bool done = step(session_, buffer.data(), &size) == srtp_err_status_ok;
    return {done, Octets(buffer.begin(), buffer.begin() + size)};
  }

  srtp_t session_ = nullptr;
  Octets key_;
};

struct Packet {
  Octets plain;
  std::size_t head_size = 0;
};

Packet random_rtp(Random& random, std::uint64_t sequence, std::uint32_t ssrc, std::size_t size) {
  Octets buffer(2048);
  Octets extension(random.u32() % 20);
  random.fill(extension);
  const rtc::RtpExtensionElement element{3, extension};
  ByteWriter out(buffer);
  rtc::write_rtp_header(out,
                        {.payload_type = static_cast<std::uint8_t>(random.u32() % 128),
                         .marker = random.u32() % 2 == 0,
                         .sequence = static_cast<std::uint16_t>(sequence),
                         .timestamp = random.u32(),
                         .ssrc = ssrc},
                        std::span(&element, random.u32() % 2));
  Packet packet;
  packet.head_size = out.size();
  random.fill(out.reserve(size));
  packet.plain.assign(out.written().begin(), out.written().end());
  return packet;
}

Octets seal(rtc::SrtpSender& sender, const Packet& packet, std::uint64_t sequence) {
  Octets buffer(2048);
  std::ranges::copy(Bytes(packet.plain).first(packet.head_size), buffer.begin());
  rtc::SigningQueue queue;
  const Bytes sealed = sender.protect_rtp(
      {buffer, packet.head_size, Bytes(packet.plain).subspan(packet.head_size)}, sequence, queue);
  queue.finish();
  return {sealed.begin(), sealed.end()};
}

class SrtpDifferential : public testing::TestWithParam<SrtpSuite> {
 protected:
  SrtpDifferential() : random(42) {
    Octets octets(rtc::key_size(GetParam()) + rtc::salt_size(GetParam()));
    random.fill(octets);
    master = *SrtpMasterKey::from(GetParam(), octets);
  }

  SeededRandom random;
  SrtpMasterKey master;
};

TEST_P(SrtpDifferential, SealsTheSameOctetsOverSizesAndRollOvers) {
  rtc::SrtpSender ours(master);
  LibSrtp theirs(master, true);
  std::uint64_t sequence = 20000;
  for (std::size_t i = 0; i < 4000; ++i) {
    const Packet packet = random_rtp(random, sequence, 0xABCD, i % 1400);
    ASSERT_EQ(seal(ours, packet, sequence), theirs.protect_rtp(packet.plain)) << i;
    sequence += 1 + random.u32() % 120;
  }
}

TEST_P(SrtpDifferential, SealsTheSameControlPackets) {
  rtc::SrtpSender ours(master);
  LibSrtp theirs(master, true);
  // libsrtp counts from 1 and for each SSRC; one packet ahead the two are in step.
  Octets first(8 + rtc::kSrtpOverheadMax);
  (void)ours.protect_rtcp(first, 8);
  for (std::size_t words = 2; words < 300; ++words) {
    Octets plain(words * 4);
    random.fill(plain);
    std::ranges::copy(Octets{0x80, 201, 0, 1, 0, 0, 0, 9}, plain.begin());
    Octets buffer = plain;
    buffer.resize(plain.size() + rtc::kSrtpOverheadMax);
    const Bytes sealed = ours.protect_rtcp(buffer, plain.size());
    ASSERT_EQ(Octets(sealed.begin(), sealed.end()), theirs.protect_rtcp(plain)) << words;
  }
}

TEST_P(SrtpDifferential, AcceptsAndRefusesTheSamePackets) {
  rtc::SrtpSender sender(master);
  rtc::SrtpReceiver ours(master);
  LibSrtp theirs(master, false);
  std::vector<Octets> sent;
  std::uint64_t sequence = 3;
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 6000; ++i) {
    const std::uint32_t ssrc = 1;
    const Packet packet = random_rtp(random, sequence, ssrc, random.u32() % 100);
    sent.push_back(seal(sender, packet, sequence));
    sequence += random.u32() % 50 == 0 ? 500 : 1 + random.u32() % 20;
    // Usually the newest; at times an older one (late or again), at times one that was bent.
    const std::uint32_t kind = random.u32() % 10;
    const std::size_t back = std::min<std::size_t>(sent.size() - 1, random.u32() % 150);
    Octets candidate = kind < 6 ? sent.back() : sent[sent.size() - 1 - back];
    if (kind == 9) candidate[random.u32() % candidate.size()] ^= 0x10;

    const auto [their_verdict, their_plain] = theirs.unprotect_rtp(candidate);
    Octets copy = candidate;
    const auto plain = ours.unprotect_rtp(copy);
    ASSERT_EQ(plain.has_value(), their_verdict) << i;
    if (plain) {
      ASSERT_EQ(Octets(plain->begin(), plain->end()), their_plain) << i;
    }
    (plain ? accepted : refused) += 1;
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 1000);
}

TEST_P(SrtpDifferential, OpensTheirControlPackets) {
  LibSrtp sender(master, true);
  rtc::SrtpReceiver ours(master);
  LibSrtp theirs(master, false);
  for (std::size_t words = 2; words < 300; ++words) {
    Octets plain(words * 4);
    random.fill(plain);
    std::ranges::copy(Octets{0x80, 200, 0, 1, 0, 0, 0, static_cast<std::uint8_t>(words % 3)},
                      plain.begin());
    const Octets sealed = sender.protect_rtcp(plain);
    Octets copy = sealed;
    const auto opened = ours.unprotect_rtcp(copy);
    ASSERT_TRUE(opened) << words;
    ASSERT_EQ(Octets(opened->begin(), opened->end()), plain);
    ASSERT_TRUE(theirs.unprotect_rtcp(sealed).first);
    copy = sealed;
    ASSERT_FALSE(ours.unprotect_rtcp(copy));
    ASSERT_FALSE(theirs.unprotect_rtcp(sealed).first);
  }
}

INSTANTIATE_TEST_SUITE_P(Suites, SrtpDifferential,
                         testing::Values(SrtpSuite::AeadAes128Gcm, SrtpSuite::AeadAes256Gcm,
                                         SrtpSuite::AesCm128HmacSha1_80),
                         [](const auto& test) { return std::string(rtc::name_of(test.param)); });

}  // namespace
