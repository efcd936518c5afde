#include "rtc/ortc/error.hpp"

namespace rtc::ortc {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Unsupported:
      return "UNSUPPORTED";
    case ErrorCode::Malformed:
      return "MALFORMED";
    case ErrorCode::OutOfRange:
      return "OUT_OF_RANGE";
    case ErrorCode::TooLong:
      return "TOO_LONG";
    case ErrorCode::TooMany:
      return "TOO_MANY";
    case ErrorCode::DuplicatePayloadType:
      return "DUPLICATE_PAYLOAD_TYPE";
    case ErrorCode::DuplicateSsrc:
      return "DUPLICATE_SSRC";
    case ErrorCode::DuplicateRid:
      return "DUPLICATE_RID";
    case ErrorCode::BadApt:
      return "BAD_APT";
    case ErrorCode::BadMapping:
      return "BAD_MAPPING";
    case ErrorCode::NoPayloadTypeLeft:
      return "NO_PAYLOAD_TYPE_LEFT";
  }
  return "MALFORMED";
}

}  // namespace rtc::ortc
