// What the query of a listing may say.
#pragma once

#include <charconv>
#include <string>

#include "http/message.hpp"

namespace server::http {

// `?limit=`: 1 to `max`, `otherwise` when absent. Errors: VALIDATION_ERROR.
inline Result<int> page_limit(const Request& request, int otherwise, int max) {
  const auto text = request.query_value("limit");
  if (!text) return otherwise;
  int limit = 0;
  const char* const end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, limit);
  if (error != std::errc{} || stopped != end || limit < 1 || limit > max) {
    return std::unexpected(invalid_field("limit", "must be 1 to " + std::to_string(max)));
  }
  return limit;
}

}  // namespace server::http
