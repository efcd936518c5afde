#include "rtc/srtp/signing_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.hpp"
#include "rtc/srtp/counter_cipher.hpp"

namespace {

using Octets = std::vector<std::uint8_t>;
using rtc::SigningQueue;

constexpr std::size_t kHead = 12;

struct Keys {
  Octets cipher = Octets(16);
  Octets authentication = Octets(20);
};

// Two passes over the packet by OpenSSL, as RFC 3711 has it.
Octets sealed_by_openssl(const Keys& keys, const std::array<std::uint8_t, 16>& counter,
                         std::uint32_t roll_over, const Octets& plain) {
  rtc::CounterCipher cipher(keys.cipher, keys.authentication);
  Octets packet = plain;
  const MutableBytes text = MutableBytes(packet).subspan(kHead);
  cipher.crypt(counter, text, text);
  std::array<std::uint8_t, 4> counted{};
  ByteWriter(counted).u32(roll_over);
  const auto digest = cipher.digest(packet, counted);
  packet.insert(packet.end(), digest.begin(), digest.begin() + SigningQueue::kTagSize);
  return packet;
}

// Packets of every length, under keys that are gone again, more than wait at once.
TEST(SigningQueue, SealsManyTogetherAsOpenSslSealsEach) {
  if (!SigningQueue::is_available()) {
    EXPECT_EQ(SigningQueue::make_key(Octets(16), Octets(20)), nullptr);
    return;
  }
  SeededRandom random(5);
  SigningQueue queue;
  constexpr std::size_t kPackets = 1500;
  std::vector<Octets> packets(kPackets);
  std::vector<Octets> expected(kPackets);
  for (std::size_t i = 0; i < kPackets; ++i) {
    Keys keys;
    random.fill(keys.cipher);
    random.fill(keys.authentication);
    std::array<std::uint8_t, 16> counter{};
    random.fill(counter);
    const std::uint32_t roll_over = random.u32();
    Octets plain(kHead + i);
    random.fill(plain);
    expected[i] = sealed_by_openssl(keys, counter, roll_over, plain);
    packets[i].resize(plain.size() + SigningQueue::kTagSize);
    std::ranges::copy(Bytes(plain).first(kHead), packets[i].begin());
    const auto key = SigningQueue::make_key(keys.cipher, keys.authentication);
    queue.seal(*key, counter, roll_over, {packets[i], kHead, Bytes(plain).subspan(kHead)});
  }
  queue.finish();
  EXPECT_EQ(packets, expected);
}

TEST(SigningQueue, SignsWhatWaitsAtTheEndAlone) {
  if (!SigningQueue::is_available()) return;
  SigningQueue queue;
  const auto key = SigningQueue::make_key(Octets(16), Octets(20));
  Octets packet(kHead + 5 + SigningQueue::kTagSize);
  const MutableBytes text = MutableBytes(packet).subspan(kHead, 5);
  queue.seal(*key, {}, 1, {packet, kHead, text});
  queue.finish();
  const Octets first = packet;
  EXPECT_EQ(first, sealed_by_openssl({}, {}, 1, Octets(kHead + 5)));
  queue.finish();
  EXPECT_EQ(packet, first);
}

}  // namespace
