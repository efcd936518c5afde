// Reads the fields of JSON objects that a peer sent, one mistake at a time.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rtc/ortc/error.hpp"
#include "rtc/ortc/types.hpp"

namespace rtc::ortc {

// The first mistake of a whole decoding; later ones are not kept. Once there is one, what the
// readers return is harmless but means nothing, so a decoder reads everything and asks once.
class Mistake {
 public:
  bool found() const { return error_.has_value(); }
  const Error& error() const { return *error_; }

  // `what` and `field` name the place, `why` says the rest: "codec.clockRate" " is missing".
  void note(ErrorCode code, std::string_view what, std::string_view field, std::string_view why);

 private:
  std::optional<Error> error_;
};

// One JSON object, called `what` in messages. What is absent and what is allowed follows the
// clients' own checks, so that both ends accept the same:
// - an array is an object without fields;
// - an optional field is absent when it is missing, or of another type and false in JavaScript
//   (null, false, 0, "");
// - a field that is `lenient_` takes its default for anything of another type.
// Texts with control characters are refused, since they end up in other peers' SDP.
// The object must outlive the reader.
class Fields {
 public:
  Fields(const boost::json::value& value, std::string_view what, Mistake& mistake);

  // Required; not empty.
  std::string text(std::string_view name);
  std::uint64_t integer(std::string_view name, std::uint64_t min, std::uint64_t max);

  std::optional<std::string> optional_text(std::string_view name);
  std::optional<std::uint64_t> optional_integer(std::string_view name, std::uint64_t min,
                                                std::uint64_t max);
  std::optional<double> optional_number(std::string_view name, double min, double max);
  std::optional<bool> optional_boolean(std::string_view name);
  const boost::json::value* optional_object(std::string_view name);  // or an array; else nullptr

  std::string lenient_text(std::string_view name);  // default: empty
  bool lenient_boolean(std::string_view name);      // default: false

  // At most `count_max` elements; empty when absent, unless it is required.
  const boost::json::array& list(std::string_view name, std::size_t count_max);
  const boost::json::array& optional_list(std::string_view name, std::size_t count_max);
  const boost::json::array& lenient_list(std::string_view name, std::size_t count_max);

  // Every field of the object that holds a text, a number or a boolean; others are left out.
  Parameters scalars();

  // The field as it is, nullptr when it is missing.
  const boost::json::value* any(std::string_view name) const;

  void refuse(ErrorCode code, std::string_view name, std::string_view why);

 private:
  const boost::json::array& bounded(const boost::json::array& list, std::string_view name,
                                    std::size_t count_max);
  std::string checked(std::string_view text, std::string_view name);

  const boost::json::object* object_;
  std::string_view what_;
  Mistake& mistake_;
};

// A text, a number or a boolean; nullopt for anything else. Does not look at the text.
std::optional<Scalar> scalar_of(const boost::json::value& value);

}  // namespace rtc::ortc
