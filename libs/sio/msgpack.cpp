#include "sio/msgpack.hpp"

#include <array>
#include <boost/json/value_stack.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "sio/json_text.hpp"
#include "sio/packet.hpp"
#include "sio/utf8.hpp"

namespace sio {

namespace {

namespace json = boost::json;
using Packed = nlohmann::json;

// Extension types (of notepack.io 2 the other one).
constexpr std::uint8_t kTimestamp = 0xFF;
constexpr std::uint8_t kUndefined = 0;

struct Timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
};

// MessagePack specification, "Timestamp extension type".
std::optional<Timestamp> read_timestamp(Bytes octets) {
  ByteReader reader(octets);
  if (octets.size() == 4) return Timestamp{reader.u32()};
  if (octets.size() == 8) {
    const std::uint64_t both = reader.u64();
    return Timestamp{static_cast<std::int64_t>(both & 0x3'FFFF'FFFF),
                     static_cast<std::uint32_t>(both >> 34)};
  }
  if (octets.size() != 12) return std::nullopt;
  const std::uint32_t nanoseconds = reader.u32();
  return Timestamp{static_cast<std::int64_t>(reader.u64()), nanoseconds};
}

// `2026-11-25T14:29:00.000Z`; empty for a time out of the years 0 to 9999.
std::string iso_text(Timestamp time) {
  using namespace std::chrono;
  constexpr sys_seconds kFirst = sys_days{year{0} / 1 / 1};
  constexpr sys_seconds kEnd = sys_days{year{10'000} / 1 / 1};
  const bool is_in_range = time.seconds >= kFirst.time_since_epoch().count() &&
                           time.seconds < kEnd.time_since_epoch().count();
  if (!is_in_range || time.nanoseconds >= 1'000'000'000) return {};
  const sys_seconds at{seconds{time.seconds}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03uZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), time.nanoseconds / 1'000'000U);
  return text.data();
}

// What nlohmann::json::sax_parse tells; false ends it.
class Unpacker {
 public:
  Unpacked release() { return {stack_.release(), std::move(attachments_)}; }

  bool null() { return count() && (stack_.push_null(), true); }
  bool boolean(bool value) { return count() && (stack_.push_bool(value), true); }
  bool number_integer(std::int64_t value) { return count() && (stack_.push_int64(value), true); }
  bool number_unsigned(std::uint64_t value) { return count() && (stack_.push_uint64(value), true); }
  bool number_float(double value, const std::string&) {
    return count() && (stack_.push_double(value), true);
  }
  bool string(const std::string& text) {
    if (!count() || !is_utf8(text)) return false;
    stack_.push_string(text);
    return true;
  }
  bool binary(Packed::binary_t& octets) {
    if (!count()) return false;
    if (octets.has_subtype()) return extension(octets.subtype(), octets);
    const bool is_full = attachments_.size() == kAttachmentsMax || sizes_.size() == kJsonDepthMax;
    if (is_full) return false;
    stack_.push_key("_placeholder");
    stack_.push_bool(true);
    stack_.push_key("num");
    stack_.push_int64(static_cast<std::int64_t>(attachments_.size()));
    stack_.push_object(2);
    attachments_.emplace_back(octets.begin(), octets.end());
    return true;
  }

  bool start_object(std::size_t size) { return open(size); }
  bool start_array(std::size_t size) { return open(size); }
  bool key(const std::string& text) {
    if (!is_utf8(text)) return false;
    stack_.push_key(text);
    return true;
  }
  bool end_object() {
    stack_.push_object(close());
    return true;
  }
  bool end_array() {
    stack_.push_array(close());
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const std::exception&) { return false; }

 private:
  bool count() { return ++values_ <= kMsgpackValuesMax; }
  bool open(std::size_t size) {
    if (!count() || sizes_.size() == kJsonDepthMax) return false;
    sizes_.push_back(size);
    return true;
  }
  std::size_t close() {
    const std::size_t size = sizes_.back();
    sizes_.pop_back();
    return size;
  }
  bool extension(std::uint64_t type, const std::vector<std::uint8_t>& octets) {
    if (type == kUndefined && octets.size() == 1) {
      stack_.push_null();
      return true;
    }
    const auto time = type == kTimestamp ? read_timestamp(octets) : std::nullopt;
    if (!time) return false;
    const std::string text = iso_text(*time);
    text.empty() ? stack_.push_null() : stack_.push_string(text);
    return true;
  }

  json::value_stack stack_;
  std::vector<std::size_t> sizes_;  // of what is open
  std::vector<std::string> attachments_;
  std::size_t values_ = 0;
};

std::optional<std::size_t> placeholder(const json::object& object) {
  const json::value* mark = object.if_contains("_placeholder");
  const json::value* num = object.if_contains("num");
  const bool is_one = mark != nullptr && mark->is_bool() && mark->get_bool() && num != nullptr &&
                      num->is_int64() && num->get_int64() >= 0;
  return is_one ? std::optional(static_cast<std::size_t>(num->get_int64())) : std::nullopt;
}

// As deep as `value`, which came within the limits.
Packed to_packed(const json::value& value, std::span<const std::string> attachments) {
  switch (value.kind()) {
    case json::kind::null:
      return nullptr;
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::int64:
      return value.get_int64();
    case json::kind::uint64:
      return value.get_uint64();
    case json::kind::double_:
      return value.get_double();
    case json::kind::string:
      return std::string(value.get_string());
    case json::kind::array: {
      Packed made = Packed::array();
      for (const json::value& item : value.get_array())
        made.push_back(to_packed(item, attachments));
      return made;
    }
    case json::kind::object: {
      const auto index = placeholder(value.get_object());
      if (index && *index < attachments.size()) {
        const Bytes octets = bytes_of(attachments[*index]);
        return Packed::binary({octets.begin(), octets.end()});
      }
      Packed made = Packed::object();
      for (const auto& [key, item] : value.get_object()) {
        made[std::string(key)] = to_packed(item, attachments);
      }
      return made;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<Unpacked> unpack_msgpack(std::string_view bytes) {
  Unpacker unpacker;
  const bool is_whole =
      Packed::sax_parse(bytes.begin(), bytes.end(), &unpacker, Packed::input_format_t::msgpack);
  if (!is_whole) return std::nullopt;
  return unpacker.release();
}

std::string pack_msgpack(const json::value& value, std::span<const std::string> attachments) {
  std::string bytes;
  Packed::to_msgpack(to_packed(value, attachments), bytes);
  return bytes;
}

}  // namespace sio
