#include "base/display_name.hpp"

#include <gtest/gtest.h>

namespace {

std::string checked(std::string_view name) { return checked_display_name(name, 40).value_or(""); }
DisplayNameError fault(std::string_view name) {
  const auto result = checked_display_name(name, 40);
  EXPECT_FALSE(result) << name;
  return result ? DisplayNameError{} : result.error();
}

TEST(DisplayName, TakesTheNamesOfPeople) {
  for (const std::string name :
       {"Ada", "Ada Lovelace", "J. R. O'Neill-Smith", "李小龙", "Мария", "Ἀθηνᾶ", "محمد", "עדה",
        "ประยุทธ์", "Nguyễn Thị", "अनुष्का", "Åsa \U0001F469\u200D\U0001F4BB", "Bo \u2764\uFE0F",
        "\U0001F469\U0001F3FD\u200D\U0001F680", "x", "42"}) {
    EXPECT_EQ(checked(name), name);
  }
}

TEST(DisplayName, MakesRunsOfSpacesOne) {
  EXPECT_EQ(checked("  Ada \u2003 Lovelace\u00A0\n"), "Ada Lovelace");
  EXPECT_EQ(checked("Ada\u3000\tL"), "Ada L");
}

TEST(DisplayName, RefusesWhatCannotBeSeen) {
  for (const std::string part :
       {"\u202E", "\u2066", "\u200F", "\u061C", "\u200B", "\u200C", "\u200D", "\u2060", "\u00AD",
        "\u034F", "\u3164", "\u115F", "\u2800", "\uFE0F", "\U000E0041", "\x01", "\x7F", "\u0085"}) {
    EXPECT_EQ(fault("A" + part + "da"), DisplayNameError::Invisible) << part;
  }
  EXPECT_EQ(fault("A1\uFE0F"), DisplayNameError::Invisible);
  EXPECT_EQ(fault("\U0001F469\u200D"), DisplayNameError::Invisible) << "a joiner with nothing";
  EXPECT_EQ(fault(""), DisplayNameError::Empty);
  EXPECT_EQ(fault(" \u2003\u00A0"), DisplayNameError::Empty);
  EXPECT_EQ(fault("\u0301\u0301"), DisplayNameError::Empty) << "marks on nothing";
}

TEST(DisplayName, RefusesMarksThatCoverOtherLines) {
  EXPECT_EQ(checked("a\u0301\u0302\u0303\u0304"), "a\u0301\u0302\u0303\u0304");
  EXPECT_EQ(fault("a\u0301\u0302\u0303\u0304\u0305"), DisplayNameError::Stacked);
}

TEST(DisplayName, CountsCodePoints) {
  std::string wide;
  for (int i = 0; i < 40; ++i) wide += "\U0001F600";
  EXPECT_EQ(checked(wide), wide);
  EXPECT_EQ(fault(wide + "x"), DisplayNameError::TooLong);
  EXPECT_EQ(fault(std::string(1'000'000, 'x')), DisplayNameError::TooLong);
}

TEST(DisplayName, RefusesWhatIsNotUtf8) {
  for (const std::string& name :
       {std::string("a\xFF"), std::string("\xC0\xAF"), std::string("\xED\xA0\x80"),
        std::string("\xE2\x82"), std::string("a\0b", 3)}) {
    EXPECT_EQ(fault(name), DisplayNameError::NotText);
  }
}

TEST(NameSkeleton, IsTheSameForNamesThatLookAlike) {
  const std::string host = "Marie-Hope";
  for (const std::string look :
       {"marie-hope", "MARIE-HOPE", "Mаriе-Hоре" /* Cyrillic a, ie, o, er */,
        "ΜΑRΙΕ-ΗΟΡΕ" /* Greek capitals */, "МARIE-НОРЕ" /* Cyrillic capitals */,
        "Ｍａｒｉｅ-Ｈｏｐｅ", "Marle-Hope", "MarIe-Hope", "Mar1e-Hope", "rnarie-hope",
        "Marie-H0pe", "Marie - Hope", "Marie\u200B-Hope", "\u202EMarie-Hope", "𝐌𝐚𝐫𝐢𝐞-𝐇𝐨𝐩𝐞",
        "Marıe-Hope"}) {
    EXPECT_EQ(name_skeleton(look), name_skeleton(host)) << look;
  }
}

TEST(NameSkeleton, DiffersForNamesThatDoNot) {
  for (const std::string other :
       {"Maria-Hope", "Marie Hope 2", "María-Hope", "Marie", "Hope", "李小龙", ""}) {
    EXPECT_NE(name_skeleton(other), name_skeleton("Marie-Hope")) << other;
  }
  EXPECT_NE(name_skeleton("李小龙"), name_skeleton("李小"));
  EXPECT_EQ(name_skeleton("a\xFF"), "");
}

}  // namespace
