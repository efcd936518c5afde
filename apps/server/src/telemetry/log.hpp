// Structured logs: one event a line, with named fields, as JSON or as text for a terminal.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace server::log {

// Views: a log call uses them before it returns.
using Field = std::pair<std::string_view, std::string_view>;
using Fields = std::initializer_list<Field>;

enum class Format { Text, Json };

// Starts the log thread and its bounded ring. Lines that find it full are dropped and counted.
// `level` is one of debug, info, warn, error. Call once, before any other function here.
void start(std::string_view level, Format format);
// Writes what is left and stops the thread.
void stop();
// Lines dropped since the start because the ring was full.
std::size_t dropped();

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

// One line without its end, every control character and quote escaped so that no field can forge
// a line. Exposed for its test.
std::string format_line(Format format, std::string_view time, std::string_view level,
                        std::string_view message, Fields fields);

}  // namespace server::log
