// How negotiation fails: a code that machines may rely on, and a sentence for people.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace rtc::ortc {

enum class ErrorCode : std::uint8_t {
  Unsupported,           // sound input for which there is no match
  Malformed,             // a field is missing or of a wrong type
  OutOfRange,            // a number that the field cannot hold
  TooLong,               // a text beyond kTextMax
  TooMany,               // a list or a set of parameters beyond its maximum
  DuplicatePayloadType,  // two codecs of one list share a payload type
  DuplicateSsrc,         // two streams of one producer share an SSRC
  DuplicateRid,          // two encodings of one producer share a RID
  BadApt,                // an RTX codec whose `apt` names no media codec of its list
  BadMapping,            // a mapping that does not belong to these parameters
  NoPayloadTypeLeft,     // more codecs than there are dynamic payload types
};

struct Error {
  ErrorCode code = ErrorCode::Malformed;
  std::string message;  // names fields, never their values: it may be logged
};

template <class T>
using Result = std::expected<T, Error>;

// The stable spelling of a code, `DUPLICATE_SSRC` and the like.
std::string_view name_of(ErrorCode code);

}  // namespace rtc::ortc
