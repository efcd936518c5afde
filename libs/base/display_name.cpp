#include "base/display_name.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace {

constexpr int kMarksMax = 4;  // UTS 39 section 5.4: more on one character are not of any language
constexpr UChar32 kJoiner = 0x200D;
constexpr UChar32 kBraillePatternBlank = 0x2800;

using CodePoints = std::vector<UChar32>;

std::optional<icu::UnicodeString> decoded(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  std::u16string units(utf8.size(), u'\0');  // never more units than octets
  int32_t length = 0;
  u_strFromUTF8(units.data(), static_cast<int32_t>(units.size()), &length, utf8.data(),
                static_cast<int32_t>(utf8.size()), &error);
  if (error != U_ZERO_ERROR && error != U_STRING_NOT_TERMINATED_WARNING) return std::nullopt;
  return icu::UnicodeString(units.data(), length);
}

CodePoints code_points(const icu::UnicodeString& text) {
  CodePoints points;
  for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    points.push_back(text.char32At(at));
  }
  return points;
}

bool has(UChar32 point, UProperty property) { return u_hasBinaryProperty(point, property) != 0; }

bool is_mark(UChar32 point) { return (U_GET_GC_MASK(point) & (U_GC_MN_MASK | U_GC_ME_MASK)) != 0; }

bool is_invisible(UChar32 point) {
  constexpr uint32_t kHidden =
      U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  return (U_GET_GC_MASK(point) & kHidden) != 0 || has(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
         point == kBraillePatternBlank;
}

// A variation selector behind an emoji, or the joiner between two.
bool is_in_emoji(const CodePoints& points, std::size_t at) {
  if (at == 0) return false;
  const UChar32 before = points[at - 1];
  const bool is_selector = points[at] == 0xFE0E || points[at] == 0xFE0F;
  if (is_selector) return before > 0x7F && has(before, UCHAR_EMOJI);  // digits are emoji, too
  if (points[at] != kJoiner || at + 1 == points.size()) return false;
  return (has(before, UCHAR_EXTENDED_PICTOGRAPHIC) || has(before, UCHAR_EMOJI_MODIFIER) ||
          before == 0xFE0F) &&
         has(points[at + 1], UCHAR_EXTENDED_PICTOGRAPHIC);
}

std::optional<DisplayNameError> fault_in(const CodePoints& points) {
  int marks = 0;
  bool is_seen = false;
  for (std::size_t at = 0; at < points.size(); ++at) {
    if (is_invisible(points[at])) {
      if (!is_in_emoji(points, at)) return DisplayNameError::Invisible;
      continue;
    }
    marks = is_mark(points[at]) ? marks + 1 : 0;
    if (marks > kMarksMax) return DisplayNameError::Stacked;
    is_seen = is_seen || (marks == 0 && u_isUWhiteSpace(points[at]) == 0);
  }
  if (!is_seen) return DisplayNameError::Empty;
  return std::nullopt;
}

std::string with_single_spaces(std::string_view name) {
  std::string made;
  while (!name.empty()) {
    const std::string_view rest = trim(name);
    const bool has_space_before = rest.data() != name.data() && !made.empty();
    if (has_space_before) made += ' ';
    name = rest;
    // Up to the next white space: the shortest head that trimming cuts.
    std::size_t end = 1;
    while (end < name.size() && trim(name.substr(end)).data() == name.data() + end) ++end;
    made += name.substr(0, end);
    name.remove_prefix(end);
  }
  return made;
}

// All of ICU's functions here fail on lack of memory alone, given sound UTF-16.
icu::UnicodeString normalized(const UNormalizer2* form, const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  std::u16string out(static_cast<std::size_t>(text.length()) * 18 + 1, u'\0');  // NFKC's worst case
  const int32_t length = unorm2_normalize(form, text.getBuffer(), text.length(), out.data(),
                                          static_cast<int32_t>(out.size()), &error);
  return U_FAILURE(error) ? icu::UnicodeString() : icu::UnicodeString(out.data(), length);
}

icu::UnicodeString look_of(const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> checker(uspoof_open(&error),
                                                                        &uspoof_close);
  icu::UnicodeString look;
  if (U_SUCCESS(error)) uspoof_getSkeletonUnicodeString(checker.get(), 0, text, look, &error);
  return look;
}

}  // namespace

std::string_view reason_of(DisplayNameError error) {
  switch (error) {
    case DisplayNameError::NotText:
      return "must be text";
    case DisplayNameError::Empty:
      return "must hold something that can be seen";
    case DisplayNameError::TooLong:
      return "is too long";
    case DisplayNameError::Invisible:
      return "must not hold invisible characters";
    case DisplayNameError::Stacked:
      return "must not stack more than four marks on one character";
  }
  return "is not allowed";
}

std::expected<std::string, DisplayNameError> checked_display_name(std::string_view utf8,
                                                                  std::size_t characters_max) {
  const std::string_view trimmed = trim(utf8);
  if (trimmed.empty()) return std::unexpected(DisplayNameError::Empty);
  // Before anything is made of it: its size is the sender's choice.
  if (trimmed.size() > 4 * characters_max) return std::unexpected(DisplayNameError::TooLong);
  std::string name = with_single_spaces(trimmed);
  const auto text = decoded(name);
  if (!text || name.contains('\0')) return std::unexpected(DisplayNameError::NotText);
  if (count_characters(name) > characters_max) return std::unexpected(DisplayNameError::TooLong);
  if (const auto fault = fault_in(code_points(*text))) return std::unexpected(*fault);
  return name;
}

std::string name_skeleton(std::string_view utf8) {
  const auto text = decoded(utf8);
  if (!text) return {};
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* const widths = unorm2_getNFKCInstance(&error);
  const UNormalizer2* const cases = unorm2_getNFKCCasefoldInstance(&error);
  if (U_FAILURE(error)) return {};
  // By its looks first: a capital of another script may look Latin where its small letter does not.
  const icu::UnicodeString look = look_of(normalized(cases, look_of(normalized(widths, *text))));
  icu::UnicodeString kept;
  for (const UChar32 point : code_points(normalized(cases, look))) {
    if (u_isUWhiteSpace(point) == 0) kept.append(point == 'i' ? UChar32{'l'} : point);
  }
  std::string skeleton;
  kept.toUTF8String(skeleton);
  return skeleton;
}
