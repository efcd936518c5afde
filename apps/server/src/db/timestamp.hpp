// Wall-clock moments as the database keeps them and the contract shows them.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace server::db {

// UTC, to the millisecond.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// Injected wherever the time of day matters, so that tests can move it.
using Clock = std::function<Timestamp()>;

Timestamp system_now();

// "2026-01-02T03:04:05.678Z", as clients see it (ISO 8601).
std::string to_iso8601(Timestamp at);

// "2026-01-02 03:04:05.678", as both databases take it: on SQLite it is stored as this text, which
// sorts as the moments do.
std::string to_sql(Timestamp at);

// Reads what a database gives back: the fraction may have 0 to 6 digits (PostgreSQL drops zeros).
std::optional<Timestamp> from_sql(std::string_view text);

}  // namespace server::db
