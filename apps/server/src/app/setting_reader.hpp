// Reads settings one by one and keeps book: what is in force, and what is wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"

namespace server::app {

class SettingReader {
 public:
  using Environment = std::function<std::optional<std::string>(const char*)>;

  // A malformed line of the file is a mistake of its own.
  SettingReader(Environment environment, std::string_view file_text);

  std::string text(const char* name, std::string fallback);
  // Shown as "(set)" or "(none)".
  std::string secret(const char* name);
  std::int64_t integer(const char* name, std::int64_t fallback, std::int64_t min, std::int64_t max);
  std::string choice(const char* name, std::string fallback,
                     std::initializer_list<std::string_view> choices);
  std::vector<std::string> list(const char* name);  // comma-separated
  void refuse(const char* name, std::string_view value, std::string allowed);

  // After all settings have been read: what the file names and nobody knows is a mistake.
  void refuse_unknown();

  std::vector<ConfigLine>& lines() { return lines_; }
  std::vector<ConfigMistake>& mistakes() { return mistakes_; }

 private:
  std::optional<std::string> find(const char* name);

  Environment environment_;
  std::map<std::string, std::string, std::less<>> file_;
  std::vector<std::string> known_;
  std::vector<ConfigLine> lines_;
  std::vector<ConfigMistake> mistakes_;
};

}  // namespace server::app
