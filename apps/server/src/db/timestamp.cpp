#include "db/timestamp.hpp"

#include <fmt/format.h>

#include <charconv>

namespace server::db {
namespace {

struct Parts {
  std::chrono::year_month_day day;
  std::chrono::hh_mm_ss<std::chrono::milliseconds> time;
};

Parts parts_of(Timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  return {std::chrono::year_month_day(day),
          std::chrono::hh_mm_ss<std::chrono::milliseconds>(at - day)};
}

std::string text_of(Timestamp at, char between, std::string_view end) {
  const auto [day, time] = parts_of(at);
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:03}{}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), between,
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count(), end);
}

// A number of exactly `digits` digits at `position`.
std::optional<int> number_at(std::string_view text, std::size_t position, std::size_t digits) {
  if (position + digits > text.size()) return std::nullopt;
  int value = 0;
  const char* const end = text.data() + position + digits;
  const auto [stopped, error] = std::from_chars(text.data() + position, end, value);
  if (error != std::errc{} || stopped != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace

Timestamp system_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string to_iso8601(Timestamp at) { return text_of(at, 'T', "Z"); }
std::string to_sql(Timestamp at) { return text_of(at, ' ', ""); }

std::optional<Timestamp> from_sql(std::string_view text) {
  const auto year = number_at(text, 0, 4), month = number_at(text, 5, 2),
             day = number_at(text, 8, 2), hour = number_at(text, 11, 2),
             minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  int milliseconds = 0;
  if (text.size() > 19) {
    const std::size_t digits = text.size() - 20;
    if (text[19] != '.' || digits == 0 || digits > 6) return std::nullopt;
    const auto fraction = number_at(text, 20, digits);
    if (!fraction) return std::nullopt;
    int micros = *fraction;
    for (std::size_t i = digits; i < 6; ++i) micros *= 10;
    milliseconds = micros / 1000;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         std::chrono::milliseconds(milliseconds);
}

}  // namespace server::db
