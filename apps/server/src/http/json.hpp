// JSON at the doors: strict decoding of what comes in, encoding of what goes out.
#pragma once

#include <boost/json.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace server::http {

namespace json = boost::json;

// Parses an `application/json` body into an object. Refuses: another content type (415), broken
// JSON, a value that is no object, nesting deeper than 32, duplicate keys, invalid UTF-8, U+0000
// and lone surrogates in any string (400 VALIDATION_ERROR).
Result<json::object> parse_body(const Request& request);

// The same rules for a value that arrives elsewhere (a Socket.IO packet's text).
Result<json::value> parse_json(std::string_view text);

// Reads the fields of an object one by one and collects every mistake, so that `details` names
// them all; a field that nobody read is a mistake too.
//
//   FieldReader in(object);
//   command.name = in.text("name");
//   command.locked = in.optional_bool("locked");
//   if (auto error = in.finish()) return std::unexpected(*error);
class FieldReader {
 public:
  explicit FieldReader(const json::object& object) : object_(object) {}

  std::string text(std::string_view name);                                          // required
  bool boolean(std::string_view name);                                              // required
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);  // required
  std::optional<std::string> optional_text(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min,
                                               std::int64_t max);
  const json::object& object(std::string_view name);  // required; empty when wrong
  const json::object* optional_object(std::string_view name);
  const json::value* any(std::string_view name);  // present or null

  // Adds a mistake of a rule that the type alone does not tell.
  void refuse(std::string_view name, std::string message);

  // The error that names every mistake, or nullopt when there was none.
  std::optional<ApiError> finish();

 private:
  const json::value* take(std::string_view name);
  const json::value* require(std::string_view name);

  const json::object& object_;
  std::vector<std::string_view> read_;
  std::vector<FieldError> errors_;
};

Response json_response(unsigned status, const json::value& value);
Response error_response(const ApiError& error);
Response empty_response(unsigned status);  // 204 and the like

}  // namespace server::http
