#include "telemetry/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <chrono>

namespace server::log {

namespace {

constexpr std::size_t kRingLines = 8192;

Format g_format = Format::Text;
std::shared_ptr<spdlog::logger> g_logger;

// Length of the UTF-8 sequence at the front when it stands for a character that steers a terminal
// or breaks a line past ASCII's: C1 controls, line and paragraph separators, and those that turn
// the direction of text. Else 0.
std::size_t steering_length(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (at(0) == 0xC2 && at(1) >= 0x80 && at(1) <= 0x9F) return 2;
  const bool is_general = at(0) == 0xE2 && at(1) == 0x80 &&
                          (at(2) == 0x8E || at(2) == 0x8F || (at(2) >= 0xA8 && at(2) <= 0xAE));
  const bool is_isolate = at(0) == 0xE2 && at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9;
  return is_general || is_isolate ? 3 : 0;
}

// The code point of a sequence of two or three octets.
unsigned code_point(std::string_view sequence) {
  unsigned value = static_cast<unsigned char>(sequence[0]) & (sequence.size() == 2 ? 0x1FU : 0x0FU);
  for (const char c : sequence.substr(1)) value = value << 6 | (static_cast<unsigned>(c) & 0x3FU);
  return value;
}

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto octet = static_cast<unsigned char>(c);
    if (const std::size_t length = steering_length(text.substr(i)); length > 0) {
      out += fmt::format("\\u{:04x}", code_point(text.substr(i, length)));
      i += length - 1;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < 0x20 || octet == 0x7F) {
      out += fmt::format("\\u{:04x}", octet);
    } else {
      out += c;
    }
  }
}

void append_text_value(std::string& out, std::string_view value) {
  const bool is_plain = !value.empty() && std::ranges::all_of(value, [](char c) {
    return c > ' ' && c != '"' && c != '\\' && c != 0x7F;
  });
  if (is_plain) {
    out += value;
    return;
  }
  out += '"';
  append_escaped(out, value);
  out += '"';
}

void write(spdlog::level::level_enum level, std::string_view name, std::string_view message,
           Fields fields) {
  if (g_logger == nullptr || !g_logger->should_log(level)) return;
  const auto now = std::chrono::system_clock::now();
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  const std::string time = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms);
  g_logger->log(level, format_line(g_format, time, name, message, fields));
}

}  // namespace

std::string format_line(Format format, std::string_view time, std::string_view level,
                        std::string_view message, Fields fields) {
  std::string line;
  if (format == Format::Json) {
    line = fmt::format(R"({{"time":"{}","level":"{}","message":")", time, level);
    append_escaped(line, message);
    line += '"';
    for (const auto& [key, value] : fields) {
      line += fmt::format(R"(,"{}":")", key);
      append_escaped(line, value);
      line += '"';
    }
    return line + '}';
  }
  line = fmt::format("{} {:<5} ", time, level);
  append_escaped(line, message);
  for (const auto& [key, value] : fields) {
    line += fmt::format(" {}=", key);
    append_text_value(line, value);
  }
  return line;
}

void start(std::string_view level, Format format) {
  g_format = format;
  spdlog::init_thread_pool(kRingLines, 1);
  g_logger = std::make_shared<spdlog::async_logger>(
      "server", std::make_shared<spdlog::sinks::stdout_sink_mt>(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  g_logger->set_pattern("%v");
  g_logger->set_level(spdlog::level::from_str(std::string(level)));
  g_logger->flush_on(spdlog::level::debug);
}

void stop() {
  g_logger.reset();
  spdlog::shutdown();
}

std::size_t dropped() {
  const auto pool = spdlog::thread_pool();
  return pool == nullptr ? 0 : pool->overrun_counter();
}

void debug(std::string_view message, Fields fields) {
  write(spdlog::level::debug, "debug", message, fields);
}
void info(std::string_view message, Fields fields) {
  write(spdlog::level::info, "info", message, fields);
}
void warn(std::string_view message, Fields fields) {
  write(spdlog::level::warn, "warn", message, fields);
}
void error(std::string_view message, Fields fields) {
  write(spdlog::level::err, "error", message, fields);
}

}  // namespace server::log
