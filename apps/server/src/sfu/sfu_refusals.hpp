// Why SfuService does not do what it was asked.
#pragma once

#include <string>
#include <string_view>

#include "http/api_error.hpp"

namespace server::sfu {

inline std::unexpected<http::ApiError> not_joined() {
  return http::fail(400, "SFU_ERROR", "sfu:join comes first");
}
inline std::unexpected<http::ApiError> unknown(std::string_view what) {
  return http::fail(404, "SFU_ERROR", std::string("there is no such ").append(what));
}
inline std::unexpected<http::ApiError> busy() {
  return http::fail(503, "UNAVAILABLE", "the media worker is busy");
}

}  // namespace server::sfu
