// The one shape of every failure that a client learns of (docs/protocol/rest.md).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace server::http {

struct FieldError {
  std::string field;
  std::string message;
};

// `code` is stable and documented; `message` is for people and may change. Neither holds anything
// secret or internal.
struct ApiError {
  unsigned status = 500;
  std::string_view code;  // a literal
  std::string message;
  std::vector<FieldError> details;
  std::optional<unsigned> retry_after_s;  // becomes Retry-After
};

template <class T>
using Result = std::expected<T, ApiError>;

inline std::unexpected<ApiError> fail(unsigned status, std::string_view code, std::string message) {
  return std::unexpected(ApiError{status, code, std::move(message), {}, {}});
}

// 400 VALIDATION_ERROR that names one field.
inline ApiError invalid_field(std::string field, std::string message) {
  return ApiError{400, "VALIDATION_ERROR", field + ": " + message, {{field, message}}, {}};
}

}  // namespace server::http
