// What the server counts, as Prometheus reads it (docs/operations.md).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/time.hpp"

namespace server::telemetry {

// Control thread only.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // A value that is read whenever somebody asks. `read` outlives the last text().
  void gauge(const std::string& name, const std::string& help, std::function<double()> read);
  // The same for a value that only rises.
  // Counters of one name differ in their labels.
  void counter(const std::string& name, const std::string& help, std::function<double()> read,
               const std::map<std::string, std::string>& labels = {});
  // One answered HTTP request: webrtc_chat_http_requests_total{status="2xx"} and its duration.
  void count_request(unsigned status, Duration took);

  // Everything in the text exposition format, version 0.0.4.
  std::string text();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace server::telemetry
