#include "auth/account_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "auth/common_passwords.hpp"
#include "base/text.hpp"

namespace server::auth {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_local_part(std::string_view text) {
  static constexpr std::string_view kOthers = ".!#$%&'*+/=?^_`{|}~-";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos;
  });
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.starts_with('-') || text.ends_with('-')) {
    return false;
  }
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_email(std::string_view text) {
  if (text.size() > kEmailMax) return false;
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && is_local_part(text.substr(0, at)) &&
         is_domain(text.substr(at + 1));
}

bool is_username(std::string_view text) {
  return text.size() >= 3 && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || c == '_' || c == '-';
         });
}

bool is_common_password(std::string_view password) {
  const std::span<const std::string_view> sorted = common_passwords();
  return std::ranges::binary_search(sorted, std::string_view(to_lower_ascii(password)));
}

void AccountCheck::email(std::string_view email) {
  if (!is_email(email)) refuse("email", "must be an e-mail address of at most 254 characters");
}

void AccountCheck::username(std::string_view username) {
  if (!is_username(username)) {
    refuse("username", "must be 3 to 32 characters of A-Z, a-z, 0-9, _ and -");
  }
}

void AccountCheck::password(std::string_view password, std::string_view email,
                            std::string_view username) {
  const std::string lower = to_lower_ascii(password);
  if (password.size() < kPasswordMin || password.size() > kPasswordMax) {
    refuse("password", fmt::format("must be {} to {} bytes long", kPasswordMin, kPasswordMax));
  } else if (password.find('\0') != std::string_view::npos) {
    refuse("password", "must not contain U+0000");
  } else if (lower == to_lower_ascii(email) || lower == to_lower_ascii(username)) {
    refuse("password", "must not be the e-mail address or the username");
  } else if (is_common_password(password)) {
    refuse("password", "is one of the most common passwords");
  }
}

void AccountCheck::refuse(std::string field, std::string message) {
  errors_.push_back({std::move(field), std::move(message)});
}

http::Result<void> AccountCheck::result() const {
  if (errors_.empty()) return {};
  const http::FieldError& first = errors_.front();
  return std::unexpected(
      http::ApiError{400, "VALIDATION_ERROR", first.field + ": " + first.message, errors_, {}});
}

}  // namespace server::auth
