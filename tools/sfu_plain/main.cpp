// sfu-plain: a media worker to feed and measure from outside with plain RTP.
//
// Reads one JSON object from standard input, prints where to send to and what comes out, forwards
// until standard input closes, and prints its counters.
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <optional>
#include <string>

#include "session.hpp"
#include "sfu/media_worker.hpp"

namespace {

namespace json = boost::json;
using server::sfu::MediaWorker;
using server::sfu::MediaWorkerOptions;

constexpr std::size_t kRequestMax = 1024 * 1024;  // octets

// The first JSON value of standard input, however it is cut into lines; what follows it is not
// waited for. nullopt when it ends before, or is no JSON.
std::optional<json::value> read_value() {
  json::stream_parser parser;
  std::array<char, 65536> buffer;
  for (std::size_t total = 0; total < kRequestMax;) {
    const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) return std::nullopt;
    total += static_cast<std::size_t>(size);
    boost::system::error_code error;
    parser.write_some(buffer.data(), static_cast<std::size_t>(size), error);
    if (error) return std::nullopt;
    if (parser.done()) return parser.release();
  }
  return std::nullopt;
}

void wait_for_end_of_input() {
  std::array<char, 4096> ignored;
  while (read(STDIN_FILENO, ignored.data(), ignored.size()) > 0) {
  }
}

void print(const json::object& object) {
  std::puts(json::serialize(object).c_str());
  std::fflush(stdout);
}

// Loopback and a free port, but for RTC_LISTEN_IP and RTC_PORT; nullopt when those are nonsense.
std::optional<MediaWorkerOptions> options_of_environment() {
  MediaWorkerOptions options;
  const char* const ip = std::getenv("RTC_LISTEN_IP");
  options.listen_ip = IpAddress::parse(ip != nullptr && *ip != '\0' ? ip : "127.0.0.1");
  if (!options.listen_ip) return std::nullopt;
  if (const char* const port = std::getenv("RTC_PORT"); port != nullptr && *port != '\0') {
    char* end = nullptr;
    const unsigned long number = std::strtoul(port, &end, 10);
    if (*end != '\0' || number > 65535) return std::nullopt;
    options.port = static_cast<std::uint16_t>(number);
  }
  return options;
}

json::object counters_of(const MediaWorker& worker) {
  const auto counters = worker.counters();
  return {{"received", counters.datagrams},
          {"sent", counters.sent},
          {"sendCalls", counters.send_calls},
          {"sendDropped", counters.send_dropped},
          {"receiveDropped", counters.receive_dropped},
          {"outboxDropped", counters.dropped_outbox},
          {"malformed", counters.dropped_malformed},
          {"unexpected", counters.dropped_unexpected},
          {"forged", counters.dropped_forged}};
}

int fail(const std::string& what) {
  std::fprintf(stderr, "sfu-plain: %s\n", what.c_str());
  return 2;
}

int run() {
  const auto value = read_value();
  if (!value) return fail("standard input holds no JSON object");
  const auto request = sfu_plain::read_request(*value);
  if (!request) return fail(request.error());
  const auto options = options_of_environment();
  if (!options) return fail("RTC_LISTEN_IP or RTC_PORT is not what it should be");

  MediaWorker worker(*options);
  SecureRandom random;
  std::promise<std::optional<std::vector<sfu_plain::ConsumerAnswer>>> done;
  worker.post([&](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    done.set_value(sfu_plain::set_up(engine, *request, random));
  });
  const auto answers = done.get_future().get();
  if (!answers) return fail("the consumers could not be set up");

  json::array consumers;
  for (const auto& answer : *answers) {
    consumers.push_back({{"ssrc", answer.ssrc}, {"payloadType", answer.payload_type}});
  }
  const IpAddress ip = *options->listen_ip;
  const std::string shown =
      ip.is_unspecified() ? (ip.is_v4() ? "127.0.0.1" : "::1") : ip.to_string();
  print({{"ip", shown}, {"port", worker.port()}, {"pid", getpid()}, {"consumers", consumers}});
  wait_for_end_of_input();
  print(counters_of(worker));
  return 0;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
