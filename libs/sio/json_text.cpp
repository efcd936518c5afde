#include "sio/json_text.hpp"

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>

namespace sio {

namespace {

namespace json = boost::json;
using boost::system::error_code;

// Builds the value as Boost's own handler does, but for numbers with a fraction or an exponent,
// which that one rounds less than exactly.
class ValueBuilder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value release() { return stack_.release(); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t size, error_code&) { return stack_.push_object(size), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) { return stack_.push_array(size), true; }
  bool on_key_part(json::string_view part, std::size_t, error_code&) {
    return stack_.push_chars(part), true;
  }
  bool on_key(json::string_view rest, std::size_t, error_code&) {
    return stack_.push_key(rest), true;
  }
  bool on_string_part(json::string_view part, std::size_t, error_code&) {
    return stack_.push_chars(part), true;
  }
  bool on_string(json::string_view rest, std::size_t, error_code&) {
    return stack_.push_string(rest), true;
  }
  bool on_number_part(json::string_view part, error_code&) { return number_.append(part), true; }
  bool on_int64(std::int64_t value, json::string_view, error_code&) {
    number_.clear();
    return stack_.push_int64(value), true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
    number_.clear();
    return stack_.push_uint64(value), true;
  }
  bool on_double(double rounded, json::string_view rest, error_code&) {
    number_.append(rest);
    double exact = rounded;
    std::from_chars(number_.data(), number_.data() + number_.size(), exact);
    number_.clear();
    return stack_.push_double(exact), true;
  }
  bool on_bool(bool value, error_code&) { return stack_.push_bool(value), true; }
  bool on_null(error_code&) { return stack_.push_null(), true; }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  json::value_stack stack_;
  std::string number_;
};

std::optional<json::value> parse_strictly(std::string_view text) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::basic_parser<ValueBuilder> parser(options);
  error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error || read < text.size()) return std::nullopt;
  return parser.handler().release();
}

// The code unit of a `\uXXXX` at `at`; nullopt when there is none.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* const digits = text.data() + at + 2;
  const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
  if (error != std::errc{} || end != digits + 4) return std::nullopt;
  return unit;
}

bool is_high(std::optional<unsigned> unit) { return unit && *unit >= 0xD800 && *unit <= 0xDBFF; }
bool is_low(std::optional<unsigned> unit) { return unit && *unit >= 0xDC00 && *unit <= 0xDFFF; }

// As JavaScript writes numbers (ECMA-262, Number::toString), but for integers beyond 2^53, which
// it pads with zeros up to 1e21; infinities and NaN are null.
void append_number(std::string& text, double value) {
  if (!std::isfinite(value)) {
    text += "null";
    return;
  }
  if (value == 0) value = 0;  // no minus before zero
  const double magnitude = std::abs(value);
  const bool is_plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 0x1p53);
  std::array<char, 64> digits;
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value,
                    is_plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string_view written(digits.data(), static_cast<std::size_t>(end - digits.data()));
  const std::size_t exponent = written.find('e');
  const bool is_padded = exponent != std::string_view::npos && written[exponent + 2] == '0';
  if (is_padded) {  // e-07: to_chars writes two digits at least, browsers do not
    text.append(written.substr(0, exponent + 2));
    written.remove_prefix(exponent + 3);
  }
  text += written;
}

template <class Integer>
void append_integer(std::string& text, Integer value) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), end);
}

void append_object(std::string& text, const json::object& object) {
  text += '{';
  bool is_first = true;
  for (const auto& [key, value] : object) {
    if (!std::exchange(is_first, false)) text += ',';
    append_json_string(text, key);
    text += ':';
    append_json(text, value);
  }
  text += '}';
}

void append_array(std::string& text, const json::array& array) {
  text += '[';
  bool is_first = true;
  for (const json::value& value : array) {
    if (!std::exchange(is_first, false)) text += ',';
    append_json(text, value);
  }
  text += ']';
}

}  // namespace

std::string without_lone_surrogates(std::string_view text) {
  std::string cleaned(text);
  for (std::size_t at = 0; at < cleaned.size(); ++at) {
    if (cleaned[at] != '\\') continue;
    const auto unit = escaped_unit(cleaned, at);
    const bool is_pair = is_high(unit) && is_low(escaped_unit(cleaned, at + 6));
    if (is_pair) {
      at += 11;
    } else if (is_high(unit) || is_low(unit)) {
      cleaned.replace(at, 6, "\\u0000");
      at += 5;
    } else {
      ++at;  // what is escaped, which may be a backslash
    }
  }
  return cleaned;
}

std::optional<json::value> parse_json(std::string_view text) {
  auto value = parse_strictly(text);
  if (value) return value;
  const std::string cleaned = without_lone_surrogates(text);
  if (cleaned != text) value = parse_strictly(cleaned);
  return value;
}

void append_json_string(std::string& text, std::string_view value) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  text += '"';
  std::size_t start = 0;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    const bool needs_escape = static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    if (!needs_escape) continue;
    text.append(value, start, at - start);
    start = at + 1;
    switch (c) {
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      case '\b':
        text += "\\b";
        break;
      case '\f':
        text += "\\f";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      default:
        text += "\\u00";
        text += kHex[static_cast<unsigned char>(c) >> 4];
        text += kHex[static_cast<unsigned char>(c) & 15U];
    }
  }
  text.append(value, start);
  text += '"';
}

void append_json(std::string& text, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      text += "null";
      return;
    case json::kind::bool_:
      text += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      append_integer(text, value.get_int64());
      return;
    case json::kind::uint64:
      append_integer(text, value.get_uint64());
      return;
    case json::kind::double_:
      append_number(text, value.get_double());
      return;
    case json::kind::string:
      append_json_string(text, value.get_string());
      return;
    case json::kind::array:
      append_array(text, value.get_array());
      return;
    case json::kind::object:
      append_object(text, value.get_object());
      return;
  }
}

}  // namespace sio
