#include "http/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cctype>

#include "sio/json_text.hpp"

namespace server::http {

namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kDetailsMax = 20;  // enough to help; the body is the client's to choose
constexpr std::size_t kNamedMax = 64;    // octets of a field's name

// Counts the keys of a document as they are written. Boost.JSON keeps the last of two equal keys,
// which lets two readers of one document disagree; fewer members than keys tells of it.
struct KeyCounter {
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_key_size = -1;
  static constexpr std::size_t max_string_size = -1;

  using Error = boost::system::error_code;
  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return true; }
  bool on_object_end(std::size_t, Error&) { return true; }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t, Error&) { return true; }
  bool on_key_part(json::string_view, std::size_t, Error&) { return true; }
  bool on_key(json::string_view, std::size_t, Error&) {
    ++keys;
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Error&) { return true; }
  bool on_string(json::string_view, std::size_t, Error&) { return true; }
  bool on_number_part(json::string_view, Error&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Error&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Error&) { return true; }
  bool on_double(double, json::string_view, Error&) { return true; }
  bool on_bool(bool, Error&) { return true; }
  bool on_null(Error&) { return true; }
  bool on_comment_part(json::string_view, Error&) { return true; }
  bool on_comment(json::string_view, Error&) { return true; }

  std::size_t keys = 0;
};

std::size_t keys_written(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::basic_parser<KeyCounter> parser(options);
  boost::system::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().keys;
}

// What a walk over a parsed document finds out.
struct Census {
  std::size_t members = 0;
  bool has_null_character = false;

  void take(std::string_view text) {
    has_null_character = has_null_character || text.find('\0') != std::string_view::npos;
  }
  void take(const json::value& value) {
    if (const json::string* text = value.if_string()) take(std::string_view(*text));
    if (const json::array* array = value.if_array()) {
      for (const json::value& element : *array) take(element);
    }
    if (const json::object* object = value.if_object()) {
      members += object->size();
      for (const auto& [key, member] : *object) {
        take(std::string_view(key));
        take(member);
      }
    }
  }
};

// The error that names each member of the outermost object with U+0000 somewhere in it; a key that
// has one itself cannot be named.
ApiError null_characters(const json::value& value) {
  constexpr std::string_view kReason = "must not contain U+0000 or a lone surrogate";
  ApiError error{400, "VALIDATION_ERROR", std::string(kReason), {}, {}};
  const json::object* object = value.if_object();
  if (object == nullptr) return error;
  for (const auto& [key, member] : *object) {
    Census census;
    census.take(member);
    const std::string_view name = key;
    const bool is_named = name.size() <= kNamedMax && !name.contains('\0');
    if (!census.has_null_character || !is_named) continue;
    error.details.push_back({std::string(name), std::string(kReason)});
    if (error.details.size() >= kDetailsMax) break;
  }
  if (!error.details.empty()) {
    error.message = error.details.front().field + ": " + error.details.front().message;
  }
  return error;
}

ApiError malformed(std::string message) {
  return ApiError{400, "VALIDATION_ERROR", std::move(message), {}, {}};
}

bool is_json(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type == "application/json";
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code error;
  json::value value = json::parse(text, error, {}, options);
  std::string cleaned;
  if (error && error != json::error::too_deep) {
    cleaned = sio::without_lone_surrogates(text);
    // Only then can the field be named; the walk below refuses what stands for the surrogate.
    if (cleaned != text) value = json::parse(text = cleaned, error, {}, options);
  }
  if (error == json::error::too_deep) {
    return std::unexpected(malformed(fmt::format("JSON is nested deeper than {}", kDepthMax)));
  }
  if (error) return std::unexpected(malformed("malformed JSON: " + error.message()));

  Census census;
  census.take(value);
  if (census.has_null_character) return std::unexpected(null_characters(value));
  if (census.members != keys_written(text)) {
    return std::unexpected(malformed("malformed JSON: duplicate key"));
  }
  return value;
}

Result<json::object> parse_body(const Request& request) {
  const bool has_length =
      !request.header("Content-Length").empty() || !request.header("Transfer-Encoding").empty();
  if (!has_length) return fail(411, "LENGTH_REQUIRED", "a JSON body is required");
  if (!is_json(request.header("Content-Type"))) {
    return fail(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json");
  }
  auto value = parse_json(request.body);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!value->is_object()) return std::unexpected(malformed("the body must be a JSON object"));
  return std::move(value->get_object());
}

const json::value* FieldReader::take(std::string_view name) {
  read_.push_back(name);
  return object_.if_contains(name);
}

const json::value* FieldReader::require(std::string_view name) {
  const json::value* value = take(name);
  if (value == nullptr) refuse(name, "is required");
  return value;
}

std::string FieldReader::text(std::string_view name) {
  const json::value* value = require(name);
  if (value == nullptr) return {};
  const json::string* text = value->if_string();
  if (text == nullptr) {
    refuse(name, "must be a string");
    return {};
  }
  // A body cannot have one any more, an event's payload can: there a lone surrogate becomes one.
  if (text->find('\0') != json::string::npos) {
    refuse(name, "must not contain U+0000 or a lone surrogate");
  }
  return std::string(*text);
}

bool FieldReader::boolean(std::string_view name) {
  const json::value* value = require(name);
  if (value == nullptr) return false;
  if (const bool* truth = value->if_bool()) return *truth;
  refuse(name, "must be true or false");
  return false;
}

std::int64_t FieldReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  if (object_.contains(name)) return optional_integer(name, min, max).value_or(min);
  require(name);
  return min;
}

std::optional<std::string> FieldReader::optional_text(std::string_view name) {
  if (!object_.contains(name)) return read_.push_back(name), std::nullopt;
  return text(name);
}

std::optional<bool> FieldReader::optional_boolean(std::string_view name) {
  if (!object_.contains(name)) return read_.push_back(name), std::nullopt;
  return boolean(name);
}

std::optional<std::int64_t> FieldReader::optional_integer(std::string_view name, std::int64_t min,
                                                          std::int64_t max) {
  const json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const bool is_whole = value->is_int64() || value->is_uint64() || value->is_double();
  const auto number = is_whole ? value->to_number<std::int64_t>(error) : std::int64_t{0};
  if (!is_whole || error || number < min || number > max) {
    refuse(name, fmt::format("must be a whole number from {} to {}", min, max));
    return std::nullopt;
  }
  return number;
}

const json::object& FieldReader::object(std::string_view name) {
  static const json::object kEmpty;
  if (require(name) == nullptr) return kEmpty;
  const json::object* object = optional_object(name);
  return object == nullptr ? kEmpty : *object;
}

const json::object* FieldReader::optional_object(std::string_view name) {
  const json::value* value = take(name);
  if (value == nullptr) return nullptr;
  if (const json::object* object = value->if_object()) return object;
  refuse(name, "must be an object");
  return nullptr;
}

const json::value* FieldReader::any(std::string_view name) { return take(name); }

void FieldReader::refuse(std::string_view name, std::string message) {
  errors_.emplace_back(std::string(name), std::move(message));
}

std::optional<ApiError> FieldReader::finish() {
  for (const auto& [key, value] : object_) {
    const bool is_known = std::ranges::find(read_, std::string_view(key)) != read_.end();
    if (!is_known) refuse(std::string_view(key).substr(0, kNamedMax), "is not a known field");
    if (errors_.size() >= kDetailsMax) break;
  }
  if (errors_.empty()) return std::nullopt;
  ApiError error = invalid_field(errors_.front().field, errors_.front().message);
  error.details = std::move(errors_);
  return error;
}

Response json_response(unsigned status, const json::value& value) {
  Response response;
  response.status = status;
  response.body = json::serialize(value);
  response.set("Content-Type", "application/json; charset=utf-8").set("Cache-Control", "no-store");
  return response;
}

Response error_response(const ApiError& error) {
  json::object body{{"code", error.code}, {"message", error.message}};
  if (!error.details.empty()) {
    json::array& details = body["details"].emplace_array();
    for (const FieldError& detail : error.details) {
      details.push_back({{"field", detail.field}, {"message", detail.message}});
    }
  }
  Response response = json_response(error.status, body);
  if (error.retry_after_s) response.set("Retry-After", std::to_string(*error.retry_after_s));
  return response;
}

Response empty_response(unsigned status) {
  Response response;
  response.status = status;
  return response;
}

}  // namespace server::http
