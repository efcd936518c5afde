#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <vector>

namespace server::telemetry {

namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.005, 0.02, 0.05, 0.1,
                                                       0.2,   0.5,   1,    5};

}  // namespace

struct Metrics::Parts {
  struct Reading {
    prometheus::Gauge* gauge = nullptr;  // one of the two
    prometheus::Counter* counter = nullptr;
    std::function<double()> read;
  };

  prometheus::Registry registry;
  std::vector<Reading> readings;
  std::array<prometheus::Counter*, 6> requests{};  // by the first digit of the status
  prometheus::Histogram* durations = nullptr;
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {
  auto& requests = prometheus::BuildCounter()
                       .Name("webrtc_chat_http_requests_total")
                       .Help("HTTP requests answered, by class of status.")
                       .Register(parts_->registry);
  for (std::size_t digit = 1; digit < parts_->requests.size(); ++digit) {
    parts_->requests[digit] = &requests.Add({{"status", std::to_string(digit) + "xx"}});
  }
  parts_->durations = &prometheus::BuildHistogram()
                           .Name("webrtc_chat_http_request_seconds")
                           .Help("From the whole request to its answer.")
                           .Register(parts_->registry)
                           .Add({}, kSeconds);
}

Metrics::~Metrics() = default;

void Metrics::gauge(const std::string& name, const std::string& help,
                    std::function<double()> read) {
  auto& made = prometheus::BuildGauge().Name(name).Help(help).Register(parts_->registry).Add({});
  parts_->readings.push_back({.gauge = &made, .counter = nullptr, .read = std::move(read)});
}

void Metrics::counter(const std::string& name, const std::string& help,
                      std::function<double()> read,
                      const std::map<std::string, std::string>& labels) {
  auto& made =
      prometheus::BuildCounter().Name(name).Help(help).Register(parts_->registry).Add(labels);
  parts_->readings.push_back({.gauge = nullptr, .counter = &made, .read = std::move(read)});
}

void Metrics::count_request(unsigned status, Duration took) {
  const std::size_t digit = status / 100;
  if (digit > 0 && digit < parts_->requests.size()) parts_->requests[digit]->Increment();
  parts_->durations->Observe(std::chrono::duration<double>(took).count());
}

std::string Metrics::text() {
  for (const Parts::Reading& reading : parts_->readings) {
    const double value = reading.read();
    if (reading.gauge != nullptr) reading.gauge->Set(value);
    if (reading.counter != nullptr) reading.counter->Increment(value - reading.counter->Value());
  }
  return prometheus::TextSerializer().Serialize(parts_->registry.Collect());
}

}  // namespace server::telemetry
