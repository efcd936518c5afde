// Proves that a packet costs no allocation: a media worker forwards packets, to receivers of its
// own and by a pipe to those of another, while every `new` of the process and every allocation of
// OpenSSL is counted. Ends with 1 when there was one after the warm-up.
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "sfu/media_worker.hpp"
#include "udp.hpp"

namespace {

std::atomic<std::uint64_t> allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto unit = static_cast<std::size_t>(alignment);
  void* const memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kReceivers = 20;  // of each worker
constexpr std::uint32_t kPipedSsrc = 70'000;
constexpr std::size_t kWarmUp = 500;   // bursts
constexpr std::size_t kBursts = 5000;  // that are looked at
constexpr std::size_t kBurst = 4;      // packets
constexpr std::size_t kSize = 1200;    // octets

rtc::SrtpMasterKey key_of(rtc::SrtpSuite suite, std::size_t number) {
  std::vector<std::uint8_t> octets(rtc::key_size(suite) + rtc::salt_size(suite),
                                   static_cast<std::uint8_t>(number));
  return *rtc::SrtpMasterKey::from(suite, octets);
}

// A consumer at each socket, of every suite in turn.
bool add_consumers(rtc::MediaEngine& engine, std::optional<rtc::ProducerId> producer,
                   std::span<const bench::Socket> receivers) {
  for (std::size_t i = 0; i < receivers.size(); ++i) {
    constexpr std::array kSuites{rtc::SrtpSuite::AeadAes128Gcm, rtc::SrtpSuite::AeadAes256Gcm,
                                 rtc::SrtpSuite::AesCm128HmacSha1_80};
    const rtc::Path path{.remote = {IpAddress::v4({127, 0, 0, 1}), receivers[i].port()},
                         .local = {}};
    const auto sink = engine.open_plain(
        {.path = path, .send_key = key_of(kSuites[i % kSuites.size()], i), .receive_key = {}});
    rtc::Consumer::Options options;
    options.ssrc = static_cast<std::uint32_t>(5000 + i);
    options.payload_type = bench::Source::kPayloadType;
    if (!sink || !producer || !engine.consume(*sink, *producer, options)) return false;
  }
  return true;
}

bool has_arrived(const bench::Socket& receiver) {
  const auto until = Steady::now() + std::chrono::seconds{5};
  for (std::size_t count = 0; count < kBurst;) {
    if (receiver.discard()) {
      ++count;
    } else if (Steady::now() > until) {
      return false;
    }
  }
  return true;
}

// A producer in the clear, and a pipe for it.
bool set_up_source(rtc::MediaEngine& engine, std::span<const bench::Socket> receivers) {
  const auto source = engine.open_plain({.path = {}, .send_key = {}, .receive_key = {}});
  const auto producer = engine.produce(*source, {.payload_type = bench::Source::kPayloadType,
                                                 .streams = {{.ssrc = bench::Source::kSsrc}}});
  if (!producer || !add_consumers(engine, producer, receivers)) return false;
  const std::array ssrcs{kPipedSsrc};
  const auto pipe = engine.pipe(*producer, engine.open_pipe(1), ssrcs);
  if (pipe) engine.set_wanted(*pipe, 1);
  return pipe.has_value();
}

// Its other end.
bool set_up_other(rtc::MediaEngine& engine, std::span<const bench::Socket> receivers) {
  const auto producer = engine.produce(
      engine.open_pipe(0),
      {.payload_type = bench::Source::kPayloadType, .streams = {{.ssrc = kPipedSsrc}}});
  return producer && add_consumers(engine, producer, receivers);
}

template <class SetUp>
bool on_worker(server::sfu::MediaWorker& worker, SetUp set_up,
               std::span<const bench::Socket> receivers) {
  std::promise<bool> done;
  worker.post([&](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    done.set_value(set_up(engine, receivers));
  });
  return done.get_future().get();
}

int run() {
  const std::vector<bench::Socket> receivers(2 * kReceivers);
  const IpAddress loopback = IpAddress::v4({127, 0, 0, 1});
  server::sfu::MediaWorker worker({.listen_ip = loopback});
  server::sfu::MediaWorker other({.listen_ip = loopback, .number = 1});
  worker.connect(other);
  const std::span all(receivers);
  const bool is_set_up = on_worker(other, set_up_other, all.last(kReceivers)) &&
                         on_worker(worker, set_up_source, all.first(kReceivers));
  if (!is_set_up) return 2;

  bench::Source source(kSize);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < kWarmUp + kBursts; ++i) {
    if (i == kWarmUp) before = allocations;
    source.send(worker.port(), kBurst);
    for (const bench::Socket& receiver : receivers) {
      if (!has_arrived(receiver)) {
        fmt::print("packets were lost\n");
        return 2;
      }
    }
  }
  const std::uint64_t made = allocations - before;
  fmt::print("{} packets came, {} went out, {} allocations\n", kBursts * kBurst,
             kBursts * kBurst * receivers.size(), made);
  return made == 0 ? 0 : 1;
}

void* counted_malloc(std::size_t size, const char*, int) {
  ++allocations;
  return std::malloc(size);
}
void* counted_realloc(void* memory, std::size_t size, const char*, int) {
  ++allocations;
  return std::realloc(memory, size);
}
void counted_free(void* memory, const char*, int) { std::free(memory); }

}  // namespace

int main() {
  if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1) return 2;
  return run();
}
