#include "app/setting_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace server::app {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

}  // namespace

SettingReader::SettingReader(Environment environment, std::string_view file_text)
    : environment_(std::move(environment)) {
  int number = 0;
  while (!file_text.empty()) {
    const std::size_t end = std::min(file_text.find('\n'), file_text.size());
    const std::string_view line = trimmed(file_text.substr(0, end));
    file_text.remove_prefix(std::min(end + 1, file_text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      mistakes_.push_back({fmt::format("line {}", number), "(hidden)", "KEY=value"});
      continue;
    }
    file_.insert_or_assign(std::string(trimmed(line.substr(0, equals))),
                           std::string(trimmed(line.substr(equals + 1))));
  }
}

std::optional<std::string> SettingReader::find(const char* name) {
  known_.emplace_back(name);
  if (auto value = environment_(name); value && !value->empty()) return value;
  const auto found = file_.find(name);
  if (found != file_.end() && !found->second.empty()) return found->second;
  return std::nullopt;
}

std::string SettingReader::text(const char* name, std::string fallback) {
  auto value = find(name);
  lines_.push_back({name, value.value_or(fallback), !value});
  return value ? *std::move(value) : fallback;
}

std::string SettingReader::secret(const char* name) {
  auto value = find(name);
  lines_.push_back({name, value ? "(set)" : "(none)", !value});
  return value.value_or("");
}

std::int64_t SettingReader::integer(const char* name, std::int64_t fallback, std::int64_t min,
                                    std::int64_t max) {
  const std::string value = text(name, std::to_string(fallback));
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_whole = error == std::errc{} && end == value.data() + value.size();
  if (is_whole && number >= min && number <= max) return number;
  refuse(name, value, fmt::format("a whole number from {} to {}", min, max));
  return fallback;
}

std::string SettingReader::choice(const char* name, std::string fallback,
                                  std::initializer_list<std::string_view> choices) {
  std::string value = text(name, fallback);
  if (std::ranges::find(choices, value) != choices.end()) return value;
  refuse(name, value, fmt::format("one of {}", fmt::join(choices, ", ")));
  return fallback;
}

std::vector<std::string> SettingReader::list(const char* name) {
  const std::string value = text(name, "");
  std::vector<std::string> items;
  std::string_view rest = value;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (const auto item = trimmed(rest.substr(0, end)); !item.empty()) items.emplace_back(item);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return items;
}

void SettingReader::refuse(const char* name, std::string_view value, std::string allowed) {
  mistakes_.push_back({name, std::string(value), std::move(allowed)});
}

void SettingReader::refuse_unknown() {
  for (const auto& [name, value] : file_) {
    const bool is_known = std::ranges::find(known_, name) != known_.end();
    if (!is_known) mistakes_.push_back({name, "(hidden)", "no such setting"});
  }
}

}  // namespace server::app
