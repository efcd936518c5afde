#include "rtc/cc/acked_rate.hpp"

#include <algorithm>

namespace rtc {

namespace {

// Silence of the sender for so long is not a slow path.
constexpr Duration kPause = std::chrono::seconds{1};

}  // namespace

void AckedRate::begin(Instant sent, Duration arrival) {
  first_sent_ = sent;
  first_arrival_ = arrival;
  octets_ = 0;
}

void AckedRate::on_packet(Instant sent, Duration arrival, std::size_t octets) {
  if (!first_sent_) return begin(sent, arrival);
  const Duration sending = sent - *first_sent_;
  const Duration time = std::max(sending, arrival - first_arrival_);
  octets_ += static_cast<std::int64_t>(octets);
  if (sending > kPause) return begin(sent, arrival);
  if (time < kSample) return;
  samples_[count_++ % kSamples] = {.octets = octets_, .time = time};
  begin(sent, arrival);
}

std::optional<DataRate> AckedRate::rate() const {
  if (count_ == 0) return std::nullopt;
  Sample sum;
  for (const Sample& sample : samples_) {
    sum.octets += sample.octets;
    sum.time += sample.time;
  }
  return DataRate::of(sum.octets, sum.time);
}

std::optional<DataRate> AckedRate::sustained() const {
  if (count_ < kSamples) return rate();
  std::array<DataRate, kSamples> rates;
  std::ranges::transform(samples_, rates.begin(), [](const Sample& sample) {
    return DataRate::of(sample.octets, sample.time);
  });
  std::ranges::sort(rates, std::ranges::greater{});
  return rates[1];
}

std::optional<DataRate> AckedRate::newest() const {
  if (count_ == 0) return std::nullopt;
  const Sample& sample = samples_[(count_ - 1) % kSamples];
  return DataRate::of(sample.octets, sample.time);
}

}  // namespace rtc
