#include "rtc/ortc/fields.hpp"

#include <algorithm>
#include <cmath>

namespace rtc::ortc {

namespace json = boost::json;

namespace {

const json::object kNoFields;
const json::array kNoElements;

constexpr double kExactIntegerMax = 9007199254740991.0;  // 2^53 - 1, JavaScript's safe integers

bool is_false_in_javascript(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return true;
    case json::kind::bool_:
      return !value.get_bool();
    case json::kind::int64:
      return value.get_int64() == 0;
    case json::kind::uint64:
      return value.get_uint64() == 0;
    case json::kind::double_:
      return value.get_double() == 0;
    case json::kind::string:
      return value.get_string().empty();
    case json::kind::array:
    case json::kind::object:
      return false;
  }
  return false;
}

std::optional<double> number_of(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  return value.to_number<double>();
}

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7F;
}

}  // namespace

void Mistake::note(ErrorCode code, std::string_view what, std::string_view field,
                   std::string_view why) {
  if (error_) return;
  std::string message{what};
  if (!field.empty()) message.append(".").append(field);
  error_ = Error{.code = code, .message = std::move(message.append(why))};
}

std::optional<Scalar> scalar_of(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_string()) return std::string{value.get_string()};
  const auto number = number_of(value);
  if (!number) return std::nullopt;
  const bool is_integer = std::trunc(*number) == *number && std::abs(*number) <= kExactIntegerMax;
  if (is_integer) return static_cast<std::int64_t>(*number);
  return *number;
}

Fields::Fields(const json::value& value, std::string_view what, Mistake& mistake)
    : object_(&kNoFields), what_(what), mistake_(mistake) {
  if (value.is_object()) {
    object_ = &value.get_object();
  } else if (!value.is_array()) {
    refuse(ErrorCode::Malformed, {}, " is not an object");
  }
}

const json::value* Fields::any(std::string_view name) const { return object_->if_contains(name); }

void Fields::refuse(ErrorCode code, std::string_view name, std::string_view why) {
  mistake_.note(code, what_, name, why);
}

std::string Fields::checked(std::string_view text, std::string_view name) {
  if (text.size() > kTextMax) {
    refuse(ErrorCode::TooLong, name, " is too long");
    return {};
  }
  if (std::ranges::any_of(text, is_control)) {
    refuse(ErrorCode::Malformed, name, " holds control characters");
    return {};
  }
  return std::string{text};
}

std::string Fields::text(std::string_view name) {
  const json::value* value = any(name);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) {
    refuse(ErrorCode::Malformed, name, " must be a text that is not empty");
    return {};
  }
  return checked(value->get_string(), name);
}

std::uint64_t Fields::integer(std::string_view name, std::uint64_t min, std::uint64_t max) {
  const json::value* value = any(name);
  if (value == nullptr || !value->is_number()) {
    refuse(ErrorCode::Malformed, name, " must be a number");
    return min;
  }
  return optional_integer(name, min, max).value_or(min);
}

std::optional<double> Fields::optional_number(std::string_view name, double min, double max) {
  const json::value* value = any(name);
  if (value == nullptr) return std::nullopt;
  const auto number = number_of(*value);
  if (!number) {
    if (!is_false_in_javascript(*value)) refuse(ErrorCode::Malformed, name, " must be a number");
    return std::nullopt;
  }
  const bool in_range = *number >= min && *number <= max;
  if (in_range) return number;
  refuse(ErrorCode::OutOfRange, name, " is out of range");
  return std::nullopt;
}

std::optional<std::uint64_t> Fields::optional_integer(std::string_view name, std::uint64_t min,
                                                      std::uint64_t max) {
  const auto number = optional_number(name, static_cast<double>(min), static_cast<double>(max));
  if (!number) return std::nullopt;
  if (std::trunc(*number) == *number) return static_cast<std::uint64_t>(*number);
  refuse(ErrorCode::OutOfRange, name, " must be an integer");
  return std::nullopt;
}

std::optional<std::string> Fields::optional_text(std::string_view name) {
  const json::value* value = any(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return checked(value->get_string(), name);
  if (!is_false_in_javascript(*value)) refuse(ErrorCode::Malformed, name, " must be a text");
  return std::nullopt;
}

std::optional<bool> Fields::optional_boolean(std::string_view name) {
  const json::value* value = any(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  if (!is_false_in_javascript(*value)) refuse(ErrorCode::Malformed, name, " must be a boolean");
  return std::nullopt;
}

const json::value* Fields::optional_object(std::string_view name) {
  const json::value* value = any(name);
  if (value == nullptr) return nullptr;
  if (value->is_object() || value->is_array()) return value;
  if (!is_false_in_javascript(*value)) refuse(ErrorCode::Malformed, name, " must be an object");
  return nullptr;
}

std::string Fields::lenient_text(std::string_view name) {
  const json::value* value = any(name);
  return value != nullptr && value->is_string() ? checked(value->get_string(), name)
                                                : std::string{};
}

bool Fields::lenient_boolean(std::string_view name) {
  const json::value* value = any(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::array& Fields::bounded(const json::array& list, std::string_view name,
                                   std::size_t count_max) {
  if (list.size() <= count_max) return list;
  refuse(ErrorCode::TooMany, name, " has too many elements");
  return kNoElements;
}

const json::array& Fields::list(std::string_view name, std::size_t count_max) {
  const json::value* value = any(name);
  if (value != nullptr && value->is_array()) return bounded(value->get_array(), name, count_max);
  refuse(ErrorCode::Malformed, name, " must be an array");
  return kNoElements;
}

const json::array& Fields::optional_list(std::string_view name, std::size_t count_max) {
  const json::value* value = any(name);
  if (value == nullptr || is_false_in_javascript(*value)) return kNoElements;
  return list(name, count_max);
}

const json::array& Fields::lenient_list(std::string_view name, std::size_t count_max) {
  const json::value* value = any(name);
  if (value == nullptr || !value->is_array()) return kNoElements;
  return bounded(value->get_array(), name, count_max);
}

Parameters Fields::scalars() {
  if (object_->size() > kParametersMax) {
    refuse(ErrorCode::TooMany, {}, " has too many fields");
    return {};
  }
  Parameters fields;
  for (const auto& [key, value] : *object_) {
    auto scalar = scalar_of(value);
    if (!scalar) continue;
    const std::string name = checked(key, "a name");
    if (auto* text = std::get_if<std::string>(&*scalar)) *text = checked(*text, name);
    fields.emplace(name, std::move(*scalar));
  }
  return fields;
}

}  // namespace rtc::ortc
