// What e-mails, usernames and passwords may be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/api_error.hpp"

namespace server::auth {

inline constexpr std::size_t kPasswordMin = 8;
inline constexpr std::size_t kPasswordMax = 72;  // octets: bcrypt reads no further
inline constexpr std::size_t kEmailMax = 254;    // RFC 5321 section 4.5.3.1.3, without <>

// By the rule that HTML has for <input type=email>.
bool is_email(std::string_view text);
// 3 to 32 of A-Z a-z 0-9 _ -.
bool is_username(std::string_view text);
// One of the shipped list, without regard to case.
bool is_common_password(std::string_view password);

// Collects what is wrong with an account's fields, for one VALIDATION_ERROR that names them all.
class AccountCheck {
 public:
  void email(std::string_view email);
  void username(std::string_view username);
  // `email` and `username` are those that the account will have.
  void password(std::string_view password, std::string_view email, std::string_view username);
  void refuse(std::string field, std::string message);

  http::Result<void> result() const;

 private:
  std::vector<http::FieldError> errors_;
};

}  // namespace server::auth
